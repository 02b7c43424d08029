import { readFile } from 'node:fs/promises';
import { InputError } from '#core/errors.ts';
import { parseCsv } from '../files/csv.ts';
import { type LabelledFile, readLabelled } from '../files/labelled.ts';
import { splitByFold } from '../splits.ts';
import { decodeFiles, type FileItem } from './fileItem.ts';
import type { Kind } from './kind.ts';

/** Sounds and photos of the same things, never recorded together. */
export const byClass: Kind<FileItem> = {
  pairing: 'same-category',
  defaults: { from: [], sampleRate: 48_000, itemsPerShard: 128 },
  async list(from, { categoriesFile }) {
    const [soundFolder, pictureFolder, ...others] = from;
    if (!soundFolder || !pictureFolder || others.length > 0) {
      throw new InputError(
        `Expected two folders in --from for by-class, the sounds' and the pictures', but received ${from.length}.`,
      );
    }
    const sounds = await readLabelled(soundFolder, 'sound');
    const pictures = await readLabelled(pictureFolder, 'picture');
    const joins = categoriesFile
      ? await readJoins(categoriesFile, { sound: sounds.categories, picture: pictures.categories })
      : sounds.categories
          .filter((name) => pictures.categories.includes(name))
          .map((name) => ({ sound: name, picture: name }));
    if (joins.length === 0) {
      throw new InputError(
        `No category is in both sets: ${soundFolder} has ${some(sounds.categories)}; ${pictureFolder} has ${some(pictures.categories)}. ` +
          'Say which belong together in a table sound,picture with --categories.',
      );
    }
    /** A category is known by its name among the sounds; a picture may show what several sounds come from. */
    const join = (side: 'sound' | 'picture', files: LabelledFile[]): FileItem[] => {
      const splitOf = splitByFold(files.flatMap(({ fold }) => fold ?? []));
      return files.flatMap(({ file, category, fold, split }) => {
        const categories = [...new Set(joins.filter((join) => join[side] === category).map(({ sound }) => sound))];
        if (categories.length === 0) return [];
        const id = `${side}s/${file.name}`;
        const media =
          side === 'sound' ? { sound: file, pictures: [] } : { sound: null, pictures: [{ file, timeSeconds: null }] };
        const ownSplit = split ?? (fold === null ? null : splitOf(fold));
        return [{ id, source: id, split: ownSplit, fold, categories, files: 1, ...media }];
      });
    };
    return {
      description: 'Sounds and photos of the same categories, not recorded together',
      licence: 'not stated',
      categories: sounds.categories.filter((name) => joins.some(({ sound }) => sound === name)),
      items: [...join('sound', sounds.files), ...join('picture', pictures.files)],
      skipped: [...sounds.skipped, ...pictures.skipped],
    };
  },
  decode: decodeFiles,
};

interface Join {
  sound: string;
  picture: string;
}

async function readJoins(path: string, known: Record<keyof Join, string[]>): Promise<Join[]> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new InputError(`Expected a table of categories at ${path} but it cannot be read.`, 'not_found', { cause });
  });
  return parseCsv(text).map(({ sound = '', picture = '' }) => {
    for (const [side, name] of [
      ['sound', sound],
      ['picture', picture],
    ] as const) {
      if (known[side].includes(name)) continue;
      throw new InputError(
        `${path} names the ${side} category "${name}", which is none of ${some(known[side])}. Its columns are sound,picture.`,
      );
    }
    return { sound, picture };
  });
}

function some(names: string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');
}
