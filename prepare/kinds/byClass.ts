import { readFile } from 'node:fs/promises';
import type { Skipped } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { normalise } from '../files/columns.ts';
import { some } from '../files/folders.ts';
import { type LabelledFile, type LabelledSet, readLabelled } from '../files/labelled.ts';
import { parseTable, surplusCells } from '../files/table.ts';
import { ownSplits } from '../splits.ts';
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
    const { joins, notes } = categoriesFile
      ? await readJoins(categoriesFile, { sound: sounds.categories, picture: pictures.categories })
      : { joins: joinByName(sounds.categories, pictures.categories), notes: [] };
    if (joins.length === 0) {
      throw new InputError(
        `No category is in both sets: ${soundFolder} has ${some(sounds.categories)}; ${pictureFolder} has ${some(pictures.categories)}. ` +
          `Say which belong together in a table sound,picture with --categories.${readAs(sounds)}${readAs(pictures)}`,
      );
    }
    const own = { sound: ownSplits(sounds.files), picture: ownSplits(pictures.files) };
    const skipped: Skipped[] = [];
    /** A category is known by its name among the sounds; a picture may show what several sounds come from. */
    const join = (side: 'sound' | 'picture', files: LabelledFile[]): FileItem[] => {
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
        const ownSplit = own[side].splitOf({ fold, split });
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
        ...[...sounds.notes, ...own.sound.notes].map((note) => `Sounds: ${note}`),
        ...[...pictures.notes, ...own.picture.notes].map((note) => `Pictures: ${note}`),
        ...notes,
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

async function readJoins(
  path: string,
  known: Record<keyof Join, string[]>,
): Promise<{ joins: Join[]; notes: string[] }> {
  const bytes = await readFile(path).catch((cause) => {
    throw new InputError(`Expected a table of categories at ${path} but it cannot be read.`, 'not_found', { cause });
  });
  const [header, ...rows] = parseTable(path, bytes).rows;
  const names = header?.cells ?? [];
  const columns = names.map(normalise);
  const [sound, picture] = [columns.indexOf('sound'), columns.indexOf('picture')];
  if (sound === -1 || picture === -1) {
    throw new InputError(`Expected the columns sound,picture in ${path} but found ${names.join(',') || 'none'}.`);
  }
  const joins = rows.map((row) => {
    const { number, cells } = row;
    const surplus = surplusCells(row, { table: path, header: names });
    if (surplus) throw new InputError(surplus);
    const join = { sound: cells[sound] ?? '', picture: cells[picture] ?? '' };
    for (const side of ['sound', 'picture'] as const) {
      if (known[side].includes(join[side])) continue;
      throw new InputError(
        `Row ${number} of ${path} names the ${side} category "${join[side]}", which is none of ${some(known[side])}.`,
      );
    }
    return join;
  });
  const unread = names.filter((_, i) => i !== sound && i !== picture);
  return { joins, notes: unread.length > 0 ? [`${path}: not read: ${unread.join(', ')}.`] : [] };
}

function readAs({ notes }: LabelledSet): string {
  return notes.map((note) => `\n  ${note}`).join('');
}
