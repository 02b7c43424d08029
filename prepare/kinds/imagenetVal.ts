import { readFile, stat } from 'node:fs/promises';
import { posix } from 'node:path';
import type { Skipped } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { isMedium, notA } from '../files/content.ts';
import { type LabelledSet, readLabelled } from '../files/labelled.ts';
import { decodeText } from '../files/text.ts';
import { byName, type FileRef, type FileTree, openTree, readRef, stemOf } from '../files/tree.ts';
import { ownSplits } from '../splits.ts';
import { decodeFiles, type FileItem, filesOf } from './fileItem.ts';
import type { Kind } from './kind.ts';

/** Labelled photos: the validation part of ILSVRC 2012 as it comes, or any photos with a table or one folder a class. */
export const imagenetVal: Kind<FileItem> = {
  pairing: 'none',
  defaults: { from: [], sampleRate: 48_000, itemsPerShard: 1024 },
  async list(from, options) {
    const [folder, truthFile, ...others] = from;
    if (!folder || others.length > 0) {
      throw new InputError(
        `Expected the photos' folder in --from, and the ground-truth file if it lies elsewhere, but received ${from.length}.`,
      );
    }
    const official = await readOfficial(folder, truthFile ?? null);
    const { categories, files, skipped, notes } = official ?? (await readLabelled(folder, 'picture', options));
    const own = ownSplits(files);
    return {
      description: official ? 'ImageNet: the validation photos of ILSVRC 2012' : 'Labelled photos',
      licence: official ? 'ImageNet terms of access: non-commercial research' : 'not stated',
      categories,
      skipped,
      notes: [...notes, ...own.notes],
      items: files.map(({ file, category, fold, split }) => ({
        id: file.name,
        source: file.name,
        split: own.splitOf({ fold, split }),
        fold,
        categories: [category],
        files: 1,
        sound: null,
        pictures: [{ file, timeSeconds: null }],
      })),
    };
  },
  filesOf,
  decode: decodeFiles,
};

/** @returns null where the photos are not all `ILSVRC2012_val_*.JPEG`, or lie in folders of their classes. */
async function readOfficial(folder: string, truthFile: string | null): Promise<LabelledSet | null> {
  const tree = await openTree(folder);
  const photos = [...tree.files.values()].filter((file) => isMedium('picture', file));
  const areOfficial = photos.every(({ name }) => /(^|\/)ILSVRC2012_val_\d{8}\.JPEG$/i.test(name));
  const areInClasses = new Set(photos.map(({ name }) => posix.dirname(name))).size > 1;
  if (!truthFile && (photos.length === 0 || !areOfficial || areInClasses)) return null;
  const truth = await readTruth(tree, folder, truthFile);
  const labelOf = parseGroundTruth(decodeText(truth.bytes).text);
  if (!labelOf.byName && !areOfficial) {
    throw new InputError(
      `Expected lines of a photo's name and its class in ${truth.name} but it is a list of classes alone, and which photo is the first cannot be ` +
        'told: only those of ILSVRC2012_val_*.JPEG are numbered as the list is.',
    );
  }
  const skipped: Skipped[] = [...tree.skipped];
  for (const file of tree.files.values()) {
    if (isMedium('picture', file) || file.name === truth.name) continue;
    skipped.push({ file: file.name, reason: notA('picture', file), broken: false });
  }
  const files = photos.flatMap((file) => {
    const category = labelOf.photo(stemOf(posix.basename(file.name)));
    if (category) return [{ file, category, fold: null, split: null }];
    skipped.push({ file: file.name, reason: 'The ground-truth file has no class for it.', broken: true });
    return [];
  });
  const categories = [...new Set(files.map(({ category }) => category))];
  const areNumbers = categories.every((category) => /^\d+$/.test(category));
  categories.sort(areNumbers ? (a, b) => Number(a) - Number(b) : byName);
  return { categories, files, skipped, notes: [`${categories.length} classes from ${truth.name}.`] };
}

async function readTruth(
  tree: FileTree,
  folder: string,
  truthFile: string | null,
): Promise<{ name: string; bytes: Buffer }> {
  if (truthFile) {
    if (!(await stat(truthFile).catch(() => null))?.isFile()) {
      throw new InputError(`Expected a ground-truth file at ${truthFile} but there is none.`, 'not_found');
    }
    return { name: truthFile, bytes: await readFile(truthFile) };
  }
  const file = [...tree.files.values()].find(({ name }: FileRef) =>
    /(ground_truth\.txt|val\.txt|val_solution\.csv)$/.test(name),
  );
  if (!file) {
    throw new InputError(
      `Expected a ground-truth file in ${folder} (ILSVRC2012_validation_ground_truth.txt, val.txt or LOC_val_solution.csv). ` +
        'Name one after the folder: --from FOLDER FILE.',
      'not_found',
    );
  }
  return { name: file.name, bytes: await readRef(file) };
}

/** The development kit's list of numbers, one a photo in their order; or lines that begin with the photo's name and its class. */
function parseGroundTruth(text: string): { byName: boolean; photo(name: string): string | undefined } {
  const lines = text.trim().split(/\r?\n/);
  if (lines.every((line) => /^\d+$/.test(line))) {
    return { byName: false, photo: (name) => lines[Number(name.slice(-8)) - 1] };
  }
  const labels = new Map(
    lines.map((line) => {
      const [photo = '', label] = line.split(/[\s,]+/);
      return [photo.replace(/\.JPEG$/i, ''), label] as const;
    }),
  );
  return { byName: true, photo: (name) => labels.get(name) };
}
