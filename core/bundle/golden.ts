import { z } from 'zod';
import { Random } from '../random.ts';
import type { Bundle } from './open.ts';

/**
 * What the trainer's own runtime gave for inputs made from seeds. Every other runtime must give the same:
 * export, server and page replay it.
 */
export const goldenSchema = z.strictObject({
  schema: z.literal('clapper-golden/1'),
  seeds: z.array(z.number().int()).min(1),
  audioEmbeddings: z.array(z.array(z.number())).describe('[seed][D]'),
  imageEmbeddings: z.array(z.array(z.number())).describe('[seed][D]'),
  audioFeatures: z.array(z.number()).describe('of the first seed'),
  imageFeatures: z.array(z.number()).describe('of the first seed'),
  probabilities: z.array(z.number()).describe('P(match) of the sound and the image of each seed'),
  classifiers: z.record(z.string(), z.array(z.array(z.number()))).describe('probabilities [seed][class]'),
});
export type Golden = z.infer<typeof goldenSchema>;

/** Largest difference allowed between runtimes, in the output's own unit: an encoder's numbers, or a head's probabilities. */
export function toleranceOf(output: string): number {
  return /^(audio|image)_/.test(output) ? 1e-4 : 1e-5;
}

/** Red noise whose loudness changes every 10 ms or so; only + − × ÷, so that every engine makes the same bits. */
export function goldenWaveform(seed: number, samples: number): Float32Array {
  const random = new Random(seed, 1);
  const waveform = new Float32Array(samples);
  const stretch = Math.ceil(samples / 100);
  let smoothed = 0;
  let gain = 0;
  for (let n = 0; n < samples; n++) {
    if (n % stretch === 0) gain = random.uniform();
    smoothed = 0.8 * smoothed + 0.2 * random.uniform(-1, 1);
    waveform[n] = smoothed * gain;
  }
  return waveform;
}

/** A coarse grid of colours under fine noise. @returns RGB uint8 `[height, width, 3]`. */
export function goldenImage(seed: number, { width, height }: { width: number; height: number }): Uint8Array {
  const random = new Random(seed, 2);
  const cells = Array.from({ length: 8 * 8 * 3 }, () => random.integer(192));
  const image = new Uint8Array(height * width * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = 3 * (8 * Math.floor((8 * y) / height) + Math.floor((8 * x) / width));
      for (let channel = 0; channel < 3; channel++) image[i++] = (cells[cell + channel] as number) + random.integer(64);
    }
  }
  return image;
}

export interface GoldenReport {
  /** Largest absolute difference of each output from the golden file. */
  differences: Record<string, number>;
  /** The outputs whose difference is above {@link toleranceOf} (or not a number); empty: the bundle runs as trained. */
  failed: string[];
}

/** Runs every graph of the bundle on the golden inputs. */
export async function replayGolden(bundle: Bundle): Promise<GoldenReport> {
  const { golden, manifest, graphs } = bundle;
  const { audio, image } = manifest.input;
  const sound = await graphs.audio(golden.seeds.map((seed) => goldenWaveform(seed, audio.samples)));
  const picture = await graphs.image(golden.seeds.map((seed) => goldenImage(seed, image)));
  const differences: Record<string, number> = {
    audio_embedding: largestDifference(sound.embeddings, golden.audioEmbeddings),
    image_embedding: largestDifference(picture.embeddings, golden.imageEmbeddings),
    audio_features: largestDifference(sound.features.slice(0, 1), [golden.audioFeatures]),
    image_features: largestDifference(picture.features.slice(0, 1), [golden.imageFeatures]),
    probability: largestDifference([await graphs.match(sound.embeddings, picture.embeddings)], [golden.probabilities]),
  };
  for (const { name, input } of manifest.classifiers) {
    const side = input.startsWith('audio') ? sound : picture;
    const rows = input.endsWith('embedding') ? side.embeddings : side.features;
    differences[`classify-${name}`] = largestDifference(
      await graphs.classify(name, rows),
      golden.classifiers[name] ?? [],
    );
  }
  // Written so that NaN fails.
  const failed = Object.keys(differences).filter((output) => !((differences[output] as number) <= toleranceOf(output)));
  return { differences, failed };
}

function largestDifference(actual: ArrayLike<number>[], expected: ArrayLike<number>[]): number {
  if (actual.length !== expected.length) return Number.NaN;
  let largest = 0;
  for (const [row, values] of expected.entries()) {
    const got = actual[row];
    if (got?.length !== values.length) return Number.NaN;
    for (let i = 0; i < values.length; i++) {
      const difference = Math.abs((got[i] as number) - (values[i] as number));
      if (!(difference <= largest)) largest = difference; // keeps a NaN
    }
  }
  return largest;
}
