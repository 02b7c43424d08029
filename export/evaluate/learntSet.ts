import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { digitPicture, digitsSampleRate, readDigits } from '#core/datasets/digits.ts';
import type { IndexLine } from '#core/datasets/prepared.ts';
import { readIndex, readInfo } from '#core/datasets/readDataset.ts';
import { InputError } from '#core/errors.ts';
import { centreInWindow } from '#core/media/windows.ts';
import { datasetFiles } from '#node/datasets/preparedSplit.ts';
import { readFrom } from '#node/files.ts';
import { clipInputs } from './clipInputs.ts';
import { heldOutFolds, type Item } from './testSet.ts';

/** Some of what a bundle learnt from, as its graphs take it: one window of each sound, one picture of each thing. */
export interface LearntSet {
  sounds: Item<Float32Array>[];
  pictures: Item<Uint8Array>[];
}

/**
 * Evenly spread over the part that was trained on: what is judged by chooses nothing.
 *
 * @param count of sounds, and of pictures, at most.
 * @throws {InputError} for a dataset that is not whole, or has too little of what the bundle takes.
 */
export async function openLearntSet(folder: string, manifest: BundleManifest, count: number): Promise<LearntSet> {
  const isPrepared = existsSync(join(folder, 'dataset.json'));
  const set = await (isPrepared ? fromPrepared : fromDigits)(folder, manifest, count);
  for (const [kind, wanted, found] of [
    ['sounds', manifest.input.audio, set.sounds],
    ['pictures', manifest.input.image, set.pictures],
  ] as const) {
    if (!wanted || found.length >= leastSamples) continue;
    throw new InputError(
      `Expected at least ${leastSamples} ${kind} to train on in ${folder}, to calibrate "${manifest.name}" with, but it has ${found.length}. ` +
        'Name the dataset that the bundle learnt from with --calibrate.',
    );
  }
  return set;
}

/** What encoders are calibrated on. */
export interface CalibrationSet {
  sounds: Float32Array[];
  pictures: Uint8Array[];
}

/** As {@link openLearntSet}, read whole. */
export async function readCalibrationSet(
  folder: string,
  manifest: BundleManifest,
  count: number,
): Promise<CalibrationSet> {
  const { sounds, pictures } = await openLearntSet(folder, manifest, count);
  return { sounds: await readItems(sounds), pictures: await readItems(pictures) };
}

/** @returns the inputs, in the items' order. */
async function readItems<Input>(items: readonly Item<Input>[]): Promise<Input[]> {
  const inputs: Input[] = [];
  for (const item of items) inputs.push(...(await item.read()));
  return inputs;
}

const leastSamples = 8;

async function fromPrepared(folder: string, manifest: BundleManifest, count: number): Promise<LearntSet> {
  const files = datasetFiles(folder);
  const heldOut = heldOutFolds(manifest);
  const [heard, seen]: [IndexLine[], IndexLine[]] = [[], []];
  for await (const line of readIndex(files)) {
    const { split, fold } = line.clip;
    const isByFold = heldOut.test !== null && fold !== null;
    if (isByFold ? fold === heldOut.test || fold === heldOut.validation : split !== 'train') continue;
    if (line.sound) heard.push(line);
    if (line.pictures.length > 0) seen.push(line);
  }
  const inputs = clipInputs(manifest, { folder, info: await readInfo(files) });
  const sound = (line: IndexLine, i: number): Item<Float32Array> => ({
    source: line.clip.source,
    async read() {
      const windows = await inputs.wholeSound(line);
      return [windows[i % windows.length] as Float32Array];
    },
  });
  const picture = (line: IndexLine, i: number): Item<Uint8Array> => ({
    source: line.clip.source,
    read: () => inputs.picture(line, i % line.pictures.length),
  });
  return {
    sounds: manifest.input.audio ? spread(heard, count).map(sound) : [],
    pictures: manifest.input.image ? spread(seen, count).map(picture) : [],
  };
}

async function fromDigits(folder: string, { input, name }: BundleManifest, count: number): Promise<LearntSet> {
  if (!existsSync(join(folder, 'sounds.csv'))) {
    throw new InputError(
      `Expected a dataset in ${folder} but it has no dataset.json. Make or finish one: npx clapper prepare --help`,
      'not_found',
    );
  }
  if (input.audio?.sampleRate !== digitsSampleRate) {
    throw new InputError(
      `Expected a bundle that hears at ${digitsSampleRate} Hz, as ${folder} is, but "${name}" does not.`,
    );
  }
  const { samples } = input.audio;
  const { recordings, images } = await readDigits(readFrom(folder), 'train');
  return {
    sounds: spread(recordings, count).map(({ waveform }, i) => ({
      source: `recording ${i}`,
      read: async () => [centreInWindow(waveform, samples)],
    })),
    pictures: spread(images, count).map((image, i) => ({
      source: `image ${i}`,
      read: async () => [digitPicture(image)],
    })),
  };
}

function spread<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / count)] as T);
}
