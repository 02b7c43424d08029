import { readFile } from 'node:fs/promises';
import type { Skipped } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { normalise } from '../files/columns.ts';
import { some } from '../files/folders.ts';
import { type LabelledFile, type LabelledSet, readLabelled } from '../files/labelled.ts';
import { parseTable } from '../files/table.ts';
import { splitByFold } from '../splits.ts';
import { decodeFiles, type FileItem, filesOf } from './fileItem.ts';
import type { Kind } from './kind.ts';

/** Sounds and photos of the same things, never recorded together. */
export const byClass: Kind<FileItem> = {
  pairing: 'same-category',
  defaults: { from: [], sampleRate: 48_000, itemsPerShard: 128 },
  async list(from, { categoriesFile, ...options }) {
    const [soundFolder, pictureFolder, ...others] = from;
    if (!soundFolder || !pictureFolder || others.length > 0) {
      throw new InputError(
        `Expected two folders in --from for by-class, the sounds' and the pictures', but received ${from.length}.`,
      );
    }
    const sounds = await readLabelled(soundFolder, 'sound', options);
    const pictures = await readLabelled(pictureFolder, 'picture', options);
    const joins = categoriesFile
      ? await readJoins(categoriesFile, { sound: sounds.categories, picture: pictures.categories })
      : joinByName(sounds.categories, pictures.categories);
    if (joins.length === 0) {
      throw new InputError(
        `No category is in both sets: ${soundFolder} has ${some(sounds.categories)}; ${pictureFolder} has ${some(pictures.categories)}. ` +
          `Say which belong together in a table sound,picture with --categories.${readAs(sounds)}${readAs(pictures)}`,
      );
    }
    const skipped: Skipped[] = [];
    /** A category is known by its name among the sounds; a picture may show what several sounds come from. */
    const join = (side: 'sound' | 'picture', files: LabelledFile[]): FileItem[] => {
      const splitOf = splitByFold(files.flatMap(({ fold }) => fold ?? []));
      const other = side === 'sound' ? 'picture' : 'sound';
      return files.flatMap(({ file, category, fold, split }) => {
        const categories = [...new Set(joins.filter((join) => join[side] === category).map(({ sound }) => sound))];
        if (categories.length === 0) {
          skipped.push({ file: file.name, reason: `No ${other} is of its class, ${category}.`, broken: false });
          return [];
        }
        const id = `${side}s/${file.name}`;
        const media =
          side === 'sound' ? { sound: file, pictures: [] } : { sound: null, pictures: [{ file, timeSeconds: null }] };
        const ownSplit = split ?? (fold === null ? null : splitOf(fold));
        return [{ id, source: id, split: ownSplit, fold, categories, files: 1, ...media }];
      });
    };
    const items = [...join('sound', sounds.files), ...join('picture', pictures.files)];
    const renamed = joins.filter(({ sound, picture }) => sound !== picture);
    return {
      description: 'Sounds and photos of the same categories, not recorded together',
      licence: 'not stated',
      categories: sounds.categories.filter((name) => joins.some(({ sound }) => sound === name)),
      items,
      // Sounds and pictures may lie in one folder: what is the one is left out of the other for that.
      skipped: [...sounds.skipped, ...pictures.skipped, ...skipped],
      notes: [
        ...sounds.notes.map((note) => `Sounds: ${note}`),
        ...pictures.notes.map((note) => `Pictures: ${note}`),
        ...(renamed.length > 0 && !categoriesFile
          ? [`Taken for the same: ${some(renamed.map(({ sound, picture }) => `${sound} and ${picture}`))}.`]
          : []),
      ],
    };
  },
  filesOf,
  decode: decodeFiles,
};

interface Join {
  sound: string;
  picture: string;
}

/** Equal but for upper and lower case, spaces, `_` and `-`, where that is one name on either side. */
function joinByName(sounds: string[], pictures: string[]): Join[] {
  return sounds.flatMap((sound): Join[] => {
    if (pictures.includes(sound)) return [{ sound, picture: sound }];
    const like = (names: string[]) => names.filter((name) => normalise(name) === normalise(sound));
    const [picture, ...others] = like(pictures);
    return picture && others.length === 0 && like(sounds).length === 1 ? [{ sound, picture }] : [];
  });
}

async function readJoins(path: string, known: Record<keyof Join, string[]>): Promise<Join[]> {
  const bytes = await readFile(path).catch((cause) => {
    throw new InputError(`Expected a table of categories at ${path} but it cannot be read.`, 'not_found', { cause });
  });
  const [header, ...rows] = parseTable(path, bytes).rows;
  const columns = (header?.cells ?? []).map(normalise);
  const [sound, picture] = [columns.indexOf('sound'), columns.indexOf('picture')];
  if (sound === -1 || picture === -1) {
    throw new InputError(
      `Expected the columns sound,picture in ${path} but found ${header?.cells.join(',') || 'none'}.`,
    );
  }
  return rows.map(({ number, cells }) => {
    const join = { sound: cells[sound] ?? '', picture: cells[picture] ?? '' };
    for (const side of ['sound', 'picture'] as const) {
      if (known[side].includes(join[side])) continue;
      throw new InputError(
        `Row ${number} of ${path} names the ${side} category "${join[side]}", which is none of ${some(known[side])}.`,
      );
    }
    return join;
  });
}

function readAs({ notes }: LabelledSet): string {
  return notes.map((note) => `\n  ${note}`).join('');
}
