import { z } from 'zod';
import { Random } from '../random.ts';
import { type Bundle, rowsFor } from './open.ts';

const rowsSchema = z.array(z.array(z.number()));

/**
 * What the trainer's own runtime gave for inputs made from seeds. Every other runtime must give the same:
 * export, server and page replay it.
 */
export const goldenSchema = z.strictObject({
  schema: z.literal('clapper-golden/1'),
  seeds: z.array(z.number().int()).min(1),
  // Of what the network lacks there is nothing.
  audioEmbeddings: rowsSchema.optional().describe('[seed][D]'),
  imageEmbeddings: rowsSchema.optional().describe('[seed][D]'),
  audioFeatures: z.array(z.number()).optional().describe('of the first seed'),
  imageFeatures: z.array(z.number()).optional().describe('of the first seed'),
  probabilities: z.array(z.number()).optional().describe('P(match) of the sound and the image of each seed'),
  classifiers: z.record(z.string(), rowsSchema).describe('probabilities [seed][class]'),
});
export type Golden = z.infer<typeof goldenSchema>;

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
  /** The largest difference of each output that rounding may make, {@link toleranceOf}. */
  allowed: Record<string, number>;
  /** The outputs whose difference is above that (or not a number); empty: the bundle runs as trained. */
  failed: string[];
}

/** Runs every graph of the bundle on the golden inputs. */
export async function replayGolden({ golden, manifest, graphs }: Bundle): Promise<GoldenReport> {
  const { seeds, audioEmbeddings = [], imageEmbeddings = [], audioFeatures = [], imageFeatures = [] } = golden;
  const { audio, image } = manifest.input;
  const sound = audio && (await graphs.audio(seeds.map((seed) => goldenWaveform(seed, audio.samples))));
  const picture = image && (await graphs.image(seeds.map((seed) => goldenImage(seed, image))));
  const report: GoldenReport = { differences: {}, allowed: {}, failed: [] };
  const compare = (output: string, actual: Rows, { expected, allowed }: { expected: Rows; allowed: number }) => {
    const difference = largestDifference(actual, expected);
    report.differences[output] = difference;
    report.allowed[output] = allowed;
    if (!(difference <= allowed)) report.failed.push(output); // written so that NaN fails
  };
  const compareEncoder = (output: string, actual: Rows, expected: Rows) =>
    compare(output, actual, { expected, allowed: toleranceOf('encoder', expected) });

  if (sound) {
    compareEncoder('audio_embedding', sound.embeddings, audioEmbeddings);
    compareEncoder('audio_features', sound.features.slice(0, 1), [audioFeatures]);
  }
  if (picture) {
    compareEncoder('image_embedding', picture.embeddings, imageEmbeddings);
    compareEncoder('image_features', picture.features.slice(0, 1), [imageFeatures]);
  }
  if (sound && picture && manifest.variants.fp32.match) {
    compare('probability', [await graphs.match(sound.embeddings, picture.embeddings)], {
      expected: [golden.probabilities ?? []],
      allowed: toleranceOf('head', [...sound.embeddings, ...picture.embeddings]),
    });
  }
  for (const { name, input } of manifest.classifiers) {
    const side = input.startsWith('audio') ? sound : picture;
    const rows = side ? rowsFor(input, side) : [];
    compare(`classify-${name}`, await graphs.classify(name, rows), {
      expected: golden.classifiers[name] ?? [],
      allowed: toleranceOf('head', rows),
    });
  }
  return report;
}

type Rows = ArrayLike<number>[];

/**
 * How far two runtimes may be apart through rounding alone. float32 rounds in proportion to the numbers that are added up, so wide
 * networks, whose outputs reach 64, are allowed more.
 *
 * An encoder's numbers: 1e-4 × the largest of them; a full L3-Net differs by 4e-6 × that. A head's probabilities: 1e-5 × the largest
 * number that it reads; fifty classes on 6144 normalised features, with the weights of fitted classifiers, differ by 6e-7 × that.
 *
 * @param rows the encoder's own, or those that the head reads; where none is above 1, 1 counts.
 */
export function toleranceOf(kind: 'encoder' | 'head', rows: Rows): number {
  let largest = 1;
  for (const row of rows) for (let i = 0; i < row.length; i++) largest = Math.max(largest, Math.abs(row[i] as number));
  return (kind === 'encoder' ? 1e-4 : 1e-5) * largest;
}

function largestDifference(actual: Rows, expected: Rows): number {
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
