import { join } from 'node:path';
import type { z } from 'zod';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { fixedPairSchema, type IndexLine, indexLineSchema, preparedDatasetSchema } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import { readFrom, readLines } from '../files.ts';
import { type ClipInputs, clipInputs } from './clipInputs.ts';
import type { Part, TestSet } from './testSet.ts';

/**
 * A folder that `clapper prepare` made: the split's fixed pairs, and the clips of one category each.
 *
 * @throws {InputError} for a folder that is not whole, a fold that it lacks, or sounds at another rate than the bundle's.
 */
export async function openPrepared(folder: string, manifest: BundleManifest, part: Part): Promise<TestSet> {
  const text = new TextDecoder().decode(await readFrom(folder)('dataset.json'));
  const info = parseJson(preparedDatasetSchema, text, join(folder, 'dataset.json'));
  const { split = info.counts.test.clips > 0 ? 'test' : 'validation' } = part;
  const wantedFold = part.fold ?? (part.split ? null : manifest.training.testFold);
  const inSplit = new Map<string, IndexLine>();
  const judged: IndexLine[] = [];
  const [heard, seen, folds] = [new Set<string>(), new Set<string>(), new Set<number>()];
  for await (const line of readObjects(indexLineSchema, join(folder, 'index.jsonl'))) {
    const { clip } = line;
    const [category, ...others] = clip.categories;
    if (clip.split === split) inSplit.set(clip.key, line);
    if (clip.fold !== null) folds.add(clip.fold);
    if (category === undefined || others.length > 0) continue;
    if (clip.sound) heard.add(category);
    if (clip.pictures.length > 0) seen.add(category);
    const isJudged = wantedFold === null || clip.fold === null ? clip.split === split : clip.fold === wantedFold;
    if (isJudged) judged.push(line);
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
    pairs: await readPairs(join(folder, `pairs-${split}.jsonl`), inSplit, inputs),
    sounds: {
      labels: inOrder(heard),
      items: judged
        .filter(({ sound }) => sound !== null)
        .map((line) => ({ label: labelOf(line), read: () => inputs.wholeSound(line) })),
    },
    pictures: {
      labels: inOrder(seen),
      items: judged
        .filter(({ pictures }) => pictures.length > 0)
        .map((line) => ({ label: labelOf(line), read: () => inputs.allPictures(line) })),
    },
  };
}

async function readPairs(file: string, lines: Map<string, IndexLine>, inputs: ClipInputs): Promise<TestSet['pairs']> {
  const pairs: TestSet['pairs'] = { sounds: [], pictures: [], list: [] };
  const positions = new Map<string, number>();
  const position = <T>(name: string, list: T[], make: () => T): number => {
    const known = positions.get(name) ?? list.push(make()) - 1;
    positions.set(name, known);
    return known;
  };
  for await (const { sound, picture, corresponds } of readObjects(fixedPairSchema, file)) {
    const lineOf = (key: string) => {
      const line = lines.get(key);
      if (line) return line;
      throw new InputError(`${file} names the clip ${key}, which index.jsonl lacks. Prepare the dataset again.`);
    };
    const heard = lineOf(sound.key);
    const seen = lineOf(picture.key);
    pairs.list.push({
      sound: position(`sound ${sound.key} ${sound.startSeconds}`, pairs.sounds, () => ({
        read: () => inputs.second(heard, sound.startSeconds),
      })),
      picture: position(`picture ${picture.key} ${picture.index}`, pairs.pictures, () => ({
        read: () => inputs.picture(seen, picture.index),
      })),
      corresponds,
    });
  }
  return pairs;
}

/** One JSON object a line. */
async function* readObjects<T>(schema: z.ZodType<T>, file: string): AsyncGenerator<T> {
  let number = 0;
  for await (const line of readLines(file)) yield parseJson(schema, line, `${file} line ${++number}`);
}
