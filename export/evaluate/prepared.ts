import type { BundleManifest } from '#core/bundle/manifest.ts';
import type { Clip, IndexLine, Pairing } from '#core/datasets/prepared.ts';
import { type FixedPairs, readFixedPairs, readIndex, readInfo } from '#core/datasets/readDataset.ts';
import { InputError } from '#core/errors.ts';
import { datasetFiles } from '#node/datasets/preparedSplit.ts';
import { type ClipInputs, clipInputs } from './clipInputs.ts';
import type { Part, TestSet } from './testSet.ts';

/**
 * A folder that `clapper prepare` made: the split's fixed pairs, and the clips of one category each.
 *
 * @throws {InputError} for a folder that is not whole, a fold that it lacks, or sounds at another rate than the bundle's.
 */
export async function openPrepared(folder: string, manifest: BundleManifest, part: Part): Promise<TestSet> {
  const files = datasetFiles(folder);
  const info = await readInfo(files);
  const { split = info.counts.test.clips > 0 ? 'test' : 'validation' } = part;
  const wantedFold = part.fold ?? (part.split ? null : manifest.training.testFold);
  const isJudged = (clip: Clip) => {
    if (clip.fold !== null && wantedFold !== null) return clip.fold === wantedFold;
    if (clip.fold !== null && part.exceptFold !== undefined)
      return clip.fold !== part.exceptFold && clip.split !== 'train';
    return clip.split === split;
  };
  const inSplit: IndexLine[] = [];
  const judged: IndexLine[] = [];
  const [heard, seen, folds] = [new Set<string>(), new Set<string>(), new Set<number>()];
  for await (const line of readIndex(files)) {
    const { clip } = line;
    const [category, ...others] = clip.categories;
    if (clip.split === split) inSplit.push(line);
    if (clip.fold !== null) folds.add(clip.fold);
    if (category === undefined || others.length > 0) continue;
    if (clip.sound) heard.add(category);
    if (clip.pictures.length > 0) seen.add(category);
    if (isJudged(clip)) judged.push(line);
  }
  // Data without folds are others than those that a fold was held out of.
  const fold = folds.size > 0 ? wantedFold : (part.fold ?? null);
  if (fold !== null && !folds.has(fold)) {
    const known = folds.size > 0 ? `the folds ${[...folds].sort().join(', ')}` : 'no folds';
    throw new InputError(`There is no fold ${fold}: ${folder} has ${known}. Choose with --fold, or --split test.`);
  }
  const inputs = clipInputs(manifest, { folder, info });
  const labelOf = ({ clip }: IndexLine) => clip.categories[0] as string;
  const inOrder = (labels: Set<string>) => info.categories.filter((category) => labels.has(category));
  return {
    split,
    fold,
    pairs: pairsOf(await readFixedPairs(files, split, inSplit), { pairing: info.pairing, inputs }),
    sounds: {
      labels: inOrder(heard),
      items: judged
        .filter(({ sound }) => sound !== null)
        .map((line) => ({ source: line.clip.source, label: labelOf(line), read: () => inputs.wholeSound(line) })),
    },
    pictures: {
      labels: inOrder(seen),
      items: judged
        .filter(({ pictures }) => pictures.length > 0)
        .map((line) => ({ source: line.clip.source, label: labelOf(line), read: () => inputs.allPictures(line) })),
    },
  };
}

function pairsOf(
  { sounds, pictures, pairs }: FixedPairs,
  { pairing, inputs }: { pairing: Pairing; inputs: ClipInputs },
): TestSet['pairs'] {
  const categoriesOf = ({ clip }: IndexLine) => (pairing === 'same-category' ? clip.categories : []);
  return {
    sounds: sounds.map(({ line, startSeconds }) => ({
      source: line.clip.source,
      categories: categoriesOf(line),
      read: () => inputs.second(line, startSeconds),
    })),
    pictures: pictures.map(({ line, index }) => ({
      source: line.clip.source,
      categories: categoriesOf(line),
      read: () => inputs.picture(line, index),
    })),
    list: pairs,
  };
}
