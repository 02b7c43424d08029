import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { cannot } from '#core/bundle/abilities.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { fixedPairStart } from '#core/datasets/fixedPairs.ts';
import {
  fixedPairSchema,
  type IndexLine,
  indexLineSchema,
  type PreparedDataset,
  preparedDatasetSchema,
  type Split,
} from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import { prepareImage } from '#core/media/image.ts';
import { audioWindows, centreInWindow } from '#core/media/windows.ts';
import { readFrom } from '../files.ts';
import { type ClipFiles, clipFilesOf, samplesIn } from './clipFiles.ts';
import type { TestSet } from './testSet.ts';

export interface PreparedOptions {
  split: Split;
  /** The official fold whose clips are classified; null: those of the split. */
  fold: number | null;
}

/**
 * A folder that `clapper prepare` made: the split's fixed pairs, and the clips of one category each.
 *
 * @throws {InputError} for a folder that is not whole, or sounds at another rate than the bundle's.
 */
export async function openPrepared(
  folder: string,
  manifest: BundleManifest,
  { split, fold }: PreparedOptions,
): Promise<TestSet> {
  const text = new TextDecoder().decode(await readFrom(folder)('dataset.json'));
  const info = parseJson(preparedDatasetSchema, text, join(folder, 'dataset.json'));
  const inSplit = new Map<string, IndexLine>();
  const labelled: IndexLine[] = [];
  for await (const line of readLines(indexLineSchema, join(folder, 'index.jsonl'))) {
    const { clip } = line;
    if (clip.split === split) inSplit.set(clip.key, line);
    const isJudged = fold === null ? clip.split === split : clip.fold === fold;
    if (isJudged && clip.categories.length === 1) labelled.push(line);
  }
  if (fold !== null && labelled.length === 0) {
    throw new InputError(
      `Expected clips of fold ${fold} in ${folder} but there are none. Choose another with --fold, or --split test.`,
    );
  }
  const reader = readerFor(manifest, { folder, info });
  const labelOf = ({ clip }: IndexLine) => clip.categories[0] as string;
  return {
    pairs: await readPairs(join(folder, `pairs-${split}.jsonl`), inSplit, reader),
    labels: info.categories,
    sounds: labelled
      .filter(({ sound }) => sound !== null)
      .map((line) => ({ label: labelOf(line), read: () => reader.wholeSound(line) })),
    pictures: labelled.flatMap((line) =>
      line.pictures.map((_, index) => ({ label: labelOf(line), read: () => reader.picture(line, index) })),
    ),
  };
}

/** Clips' sounds and pictures as the bundle's graphs take them. */
interface Reader {
  /** The second from `startSeconds` on, in one window. */
  second(line: IndexLine, startSeconds: number): Promise<Float32Array[]>;
  /** In windows. */
  wholeSound(line: IndexLine): Promise<Float32Array[]>;
  picture(line: IndexLine, index: number): Promise<Uint8Array[]>;
}

function readerFor(manifest: BundleManifest, { folder, info }: { folder: string; info: PreparedDataset }): Reader {
  const files: ClipFiles = clipFilesOf(folder, info);
  const audioInput = () => {
    const { audio } = manifest.input;
    if (!audio) throw cannot(manifest, 'embed-audio');
    if (audio.sampleRate === info.sampleRate) return audio;
    throw new InputError(
      `Expected a dataset at ${audio.sampleRate} Hz, as "${manifest.name}" hears, but ${folder} is at ${info.sampleRate} Hz. ` +
        `Prepare it again with --sample-rate ${audio.sampleRate}.`,
    );
  };
  return {
    async second(line, startSeconds) {
      const { sampleRate, samples } = audioInput();
      const soundSamples = line.sound ? samplesIn(line.sound) : 0;
      const startSample = fixedPairStart(startSeconds, { sampleRate, samples, soundSamples });
      return [centreInWindow(await files.sound(line, { startSample, samples }), samples)];
    },
    async wholeSound(line) {
      const input = audioInput();
      return audioWindows(await files.sound(line), input).map(({ samples }) => samples);
    },
    async picture(line, index) {
      const { image } = manifest.input;
      if (!image) throw cannot(manifest, 'embed-image');
      return [await prepareImage(await files.picture(line, index), image)];
    },
  };
}

async function readPairs(file: string, lines: Map<string, IndexLine>, reader: Reader): Promise<TestSet['pairs']> {
  const pairs: TestSet['pairs'] = { sounds: [], pictures: [], list: [] };
  const positions = new Map<string, number>();
  const position = <T>(name: string, list: T[], make: () => T): number => {
    const known = positions.get(name) ?? list.push(make()) - 1;
    positions.set(name, known);
    return known;
  };
  for await (const { sound, picture, corresponds } of readLines(fixedPairSchema, file)) {
    const lineOf = (key: string) => {
      const line = lines.get(key);
      if (line) return line;
      throw new InputError(`${file} names the clip ${key}, which index.jsonl lacks. Prepare the dataset again.`);
    };
    const heard = lineOf(sound.key);
    const seen = lineOf(picture.key);
    pairs.list.push({
      sound: position(`sound ${sound.key} ${sound.startSeconds}`, pairs.sounds, () => ({
        read: () => reader.second(heard, sound.startSeconds),
      })),
      picture: position(`picture ${picture.key} ${picture.index}`, pairs.pictures, () => ({
        read: () => reader.picture(seen, picture.index),
      })),
      corresponds,
    });
  }
  return pairs;
}

/** One JSON object a line. */
async function* readLines<T>(schema: z.ZodType<T>, file: string): AsyncGenerator<T> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  for await (const text of lines) yield parseJson(schema, text, `${file} line ${++number}`);
}
