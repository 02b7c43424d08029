import type { z } from 'zod';
import { InputError } from '../errors.ts';
import { parseJson } from '../json.ts';
import {
  fixedPairSchema,
  type IndexLine,
  indexLineSchema,
  type PreparedDataset,
  preparedDatasetSchema,
  type Split,
} from './prepared.ts';

/** The text files of a dataset's folder. */
export interface DatasetFiles {
  /** As a message says it. */
  folder: string;
  read(name: string): Promise<Uint8Array>;
  lines(name: string): AsyncIterable<string>;
}

/** A split's fixed pairs, by the positions of their sounds and pictures; each of these stands once, however many pairs it is in. */
export interface FixedPairs {
  sounds: { line: IndexLine; startSeconds: number }[];
  pictures: { line: IndexLine; index: number }[];
  pairs: { sound: number; picture: number; corresponds: boolean }[];
}

/** @throws {InputError} for a file that is not as the schema says. */
export async function readInfo(files: DatasetFiles): Promise<PreparedDataset> {
  const text = new TextDecoder().decode(await files.read('dataset.json'));
  return parseJson(preparedDatasetSchema, text, `${files.folder}/dataset.json`);
}

/**
 * Every clip, in the order of the shards.
 *
 * @throws {InputError} naming the line that is not as the schema says; behind the last one where there are fewer or more than were prepared.
 */
export async function* readIndex(files: DatasetFiles): AsyncGenerator<IndexLine> {
  const { counts } = await readInfo(files);
  const expected = counts.train.clips + counts.validation.clips + counts.test.clips;
  let clips = 0;
  for await (const line of readObjects(indexLineSchema, files, 'index.jsonl')) {
    clips++;
    yield line;
  }
  if (clips === expected) return;
  throw new InputError(
    `${files.folder}/index.jsonl has ${clips} clips where dataset.json counts ${expected}. Copy the dataset again, or prepare it again.`,
  );
}

/** @throws {InputError} as {@link readIndex}. */
export async function readSplit(files: DatasetFiles, split: Split): Promise<IndexLine[]> {
  const lines: IndexLine[] = [];
  for await (const line of readIndex(files)) if (line.clip.split === split) lines.push(line);
  return lines;
}

/**
 * @param lines of the split.
 * @throws {InputError} for a clip that is not among them.
 */
export async function readFixedPairs(
  files: DatasetFiles,
  split: Split,
  lines: Iterable<IndexLine>,
): Promise<FixedPairs> {
  const file = `pairs-${split}.jsonl`;
  const lineOf = new Map(Array.from(lines, (line) => [line.clip.key, line]));
  const lineFor = (key: string): IndexLine => {
    const line = lineOf.get(key);
    if (line) return line;
    throw new InputError(
      `${files.folder}/${file} names the clip ${key}, which the ${split} split of index.jsonl lacks. Prepare the dataset again.`,
    );
  };
  const fixed: FixedPairs = { sounds: [], pictures: [], pairs: [] };
  const positions = new Map<string, number>();
  const positionOf = <T>(name: string, list: T[], make: () => T): number => {
    const position = positions.get(name) ?? list.push(make()) - 1;
    positions.set(name, position);
    return position;
  };
  for await (const { sound, picture, corresponds } of readObjects(fixedPairSchema, files, file)) {
    fixed.pairs.push({
      sound: positionOf(`sound ${sound.key} ${sound.startSeconds}`, fixed.sounds, () => ({
        line: lineFor(sound.key),
        startSeconds: sound.startSeconds,
      })),
      picture: positionOf(`picture ${picture.key} ${picture.index}`, fixed.pictures, () => ({
        line: lineFor(picture.key),
        index: picture.index,
      })),
      corresponds,
    });
  }
  return fixed;
}

/** One object a line. */
async function* readObjects<T>(schema: z.ZodType<T>, files: DatasetFiles, file: string): AsyncGenerator<T> {
  let number = 0;
  for await (const text of files.lines(file)) yield parseJson(schema, text, `${files.folder}/${file} line ${++number}`);
}
