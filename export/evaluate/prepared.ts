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
} from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import { prepareImage } from '#core/media/image.ts';
import { audioWindows, centreInWindow } from '#core/media/windows.ts';
import { readFrom } from '../files.ts';
import { type ClipFiles, clipFilesOf, samplesIn } from './clipFiles.ts';
import type { Part, TestSet } from './testSet.ts';

/**
 * A folder that `clapper prepare` made: the split's fixed pairs, and the clips of one category each.
 *
 * @throws {InputError} for a folder that is not whole, a fold that it lacks, or sounds at another rate than the bundle's.
 */
export async function openPrepared(folder: string, manifest: BundleManifest, part: Part): Promise<TestSet> {
  const text = new TextDecoder().decode(await readFrom(folder)('dataset.json'));
  const info = parseJson(preparedDatasetSchema, text, join(folder, 'dataset.json'));
  const { split = info.counts.test.clips > 0 ? 'test' : 'validation', fold } = part;
  const inSplit = new Map<string, IndexLine>();
  const judged: IndexLine[] = [];
  const [heard, seen, folds] = [new Set<string>(), new Set<string>(), new Set<number>()];
  for await (const line of readLines(indexLineSchema, join(folder, 'index.jsonl'))) {
    const { clip } = line;
    const [category, ...others] = clip.categories;
    if (clip.split === split) inSplit.set(clip.key, line);
    if (clip.fold !== null) folds.add(clip.fold);
    if (category === undefined || others.length > 0) continue;
    if (clip.sound) heard.add(category);
    if (clip.pictures.length > 0) seen.add(category);
    if (fold === null ? clip.split === split : clip.fold === fold) judged.push(line);
  }
  if (fold !== null && !folds.has(fold)) {
    const known = folds.size > 0 ? `the folds ${[...folds].sort().join(', ')}` : 'no folds';
    throw new InputError(`There is no fold ${fold}: ${folder} has ${known}. Choose with --fold, or --split test.`);
  }
  const reader = readerFor(manifest, { folder, info });
  const labelOf = ({ clip }: IndexLine) => clip.categories[0] as string;
  const inOrder = (labels: Set<string>) => info.categories.filter((category) => labels.has(category));
  return {
    split,
    pairs: await readPairs(join(folder, `pairs-${split}.jsonl`), inSplit, reader),
    sounds: {
      labels: inOrder(heard),
      items: judged
        .filter(({ sound }) => sound !== null)
        .map((line) => ({ label: labelOf(line), read: () => reader.wholeSound(line) })),
    },
    pictures: {
      labels: inOrder(seen),
      items: judged
        .filter(({ pictures }) => pictures.length > 0)
        .map((line) => ({ label: labelOf(line), read: () => reader.allPictures(line) })),
    },
  };
}

/** Clips' sounds and pictures as the bundle's graphs take them. */
interface Reader {
  /** The second from `startSeconds` on, in one window. */
  second(line: IndexLine, startSeconds: number): Promise<Float32Array[]>;
  /** In windows. */
  wholeSound(line: IndexLine): Promise<Float32Array[]>;
  picture(line: IndexLine, index: number): Promise<Uint8Array[]>;
  allPictures(line: IndexLine): Promise<Uint8Array[]>;
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
  const pictureOf = async (line: IndexLine, index: number) => {
    const { image } = manifest.input;
    if (!image) throw cannot(manifest, 'embed-image');
    return prepareImage(await files.picture(line, index), image);
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
    picture: async (line, index) => [await pictureOf(line, index)],
    allPictures: (line) => Promise.all(line.pictures.map((_, index) => pictureOf(line, index))),
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
