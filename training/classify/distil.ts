import { createHash } from 'node:crypto';
import type { CheckpointState } from '#core/checkpoint.ts';
import type { ImageFrontend } from '#core/config.ts';
import type { IndexLine } from '#core/datasets/prepared.ts';
import { readIndex, readInfo } from '#core/datasets/readDataset.ts';
import { InputError } from '#core/errors.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { Random } from '#core/random.ts';
import { datasetFiles, shardPaths } from '#node/datasets/preparedSplit.ts';
import { stackRows } from '../encode.ts';
import { momentsOf } from '../golden.ts';
import { createFrontends, type Frontends } from '../model/frontends.ts';
import { createTelling } from '../model/heads.ts';
import {
  efficientNetLite0,
  efficientNetLite0Encoder,
  efficientNetLite0Features,
  efficientNetLite0Image,
} from '../pretrained/efficientNetLite0.ts';
import { imageNetWeights } from '../pretrained/imageNet.ts';
import { datasetRecord } from '../run/datasetRecord.ts';
import { tf } from '../tensorflow/load.ts';
import type { ClassifyConfig } from './config.ts';
import { type EncodeOptions, encodeExamples } from './encodeExamples.ts';
import type { Encoder, RowEncoder } from './encoder.ts';
import type { Example, LabelledDataset, ShownExample } from './examples.ts';

/** So many times the branch's pixels along a side the teacher sees of the same view: it was taught larger pictures. */
const times = 2;

/** A network of others, and what the branch learns to tell of it. */
export interface Teacher {
  /** Of the pictures that it sees, in the branch's scale. */
  frontends: Frontends;
  /** Linear, from the branch's embedding to the teacher's numbers; no bundle has it. */
  telling: tf.LayersModel;
  /** Of the pictures that are loaded for both. */
  image: ImageFrontend;
  /** @param pictures `[B, 2 H, 2 W, 3]`, as the teacher's frontend gives them. @returns `[B, D]`: its numbers, each of mean 0 and variance 1. */
  numbersOf(pictures: tf.Tensor4D): tf.Tensor2D;
  /** @returns `[B, H, W, 3]`: what the branch sees of them. */
  forBranch(pictures: tf.Tensor4D): tf.Tensor4D;
  /** The same of bytes, RGB `[B, 2 H, 2 W, 3]`. */
  bytesForBranch(pictures: Uint8Array): Uint8Array;
  /** The share of the teacher's variance that the branch does not tell, of these pictures. @param embeddings the branch's. */
  untold(examples: Example[], embeddings: Float32Array[]): Promise<number>;
}

export interface TeacherOptions extends Pick<EncodeOptions, 'shards' | 'workers' | 'ahead'> {
  config: Pick<ClassifyConfig, 'seed'>;
  /** What the branch learns from: of some of it the teacher's moments are measured. */
  examples: ShownExample[];
  output: ProgressOutput;
}

/** Pictures that the moments of the teacher's numbers are measured on. */
const measured = 256;

/** @throws {InputError} for a branch that hears. */
export async function openTeacher(encoder: Encoder, options: TeacherOptions): Promise<Teacher> {
  if (encoder.sense !== 'image') {
    throw new InputError(
      'Expected a branch that sees with distil.teacher, which was taught pictures, but this one hears: --set distil.teacher=null',
    );
  }
  const { config, examples, output, ...loading } = options;
  const { spectrogram, image: own } = encoder.config;
  const sides = { width: times * own.width, height: times * own.height, shortSide: times * own.shortSide };
  const image = { ...own, ...sides };
  const network = efficientNetLite0(await imageNetWeights(output));
  const rows: RowEncoder = {
    ...{ sense: 'image', config: { spectrogram, image } },
    ...efficientNetLite0Encoder(network, { ...efficientNetLite0Image, ...sides }),
  };
  const encode = async (some: ShownExample[]) => (await encodeExamples(rows, some, loading)).embeddings;
  const every = Math.ceil(examples.length / measured);
  const { mean, deviation } = momentsOf(await encode(examples.filter((_, i) => i % every === 0)));
  const standardised = (numbers: tf.Tensor2D) => tf.divNoNan<tf.Tensor2D>(tf.sub(numbers, mean), deviation);
  // value = scale × byte + offset, in the branch's scale and in the teacher's
  const factor = efficientNetLite0Image.scale / own.scale;
  const shift = efficientNetLite0Image.offset - own.offset * factor;
  const [[, inputSize]] = encoder.branch.outputShape as [[null, number], [null, number]];
  const shape = { input: 'image_embedding', inputSize, units: efficientNetLite0Features };
  const teacher: Teacher = {
    frontends: createFrontends(spectrogram, image),
    telling: createTelling(shape, new Random(config.seed, 14)),
    image,
    numbersOf: (pictures) => tf.tidy(() => standardised(network(tf.add(tf.mul(pictures, factor), shift)))),
    forBranch: (pictures) => tf.avgPool(pictures, times, times, 'valid'),
    bytesForBranch: (pictures) => meanOfSquares(pictures, image.width),
    async untold(some, embeddings) {
      const numbers = await encode(some);
      return tf.tidy(() => {
        const told = teacher.telling.predict(stackRows(embeddings)) as tf.Tensor2D;
        return meanSquare(told, standardised(stackRows(numbers))).dataSync()[0] as number;
      });
    },
  };
  return teacher;
}

/** @param embedding `[B, D]`. @param numbers as the teacher gives them. */
export function tellingLoss(telling: tf.LayersModel, embedding: tf.Tensor2D, numbers: tf.Tensor2D): tf.Scalar {
  const [kernel, bias] = telling.weights.map((weight) => weight.read()) as [tf.Tensor2D, tf.Tensor1D];
  return meanSquare(tf.add(tf.matMul(embedding, kernel), bias), numbers);
}

function meanSquare(a: tf.Tensor2D, b: tf.Tensor2D): tf.Scalar {
  return tf.mean(tf.square(tf.sub(a, b)));
}

function meanOfSquares(pictures: Uint8Array, width: number): Uint8Array {
  const [row, small] = [3 * width, (3 * width) / times];
  return Uint8Array.from({ length: pictures.length / times ** 2 }, (_, i) => {
    const [y, within] = [Math.floor(i / small), i % small];
    const [x, channel] = [Math.floor(within / 3), within % 3];
    let sum = 0;
    for (let dy = 0; dy < times; dy++)
      for (let dx = 0; dx < times; dx++)
        sum += pictures[(times * y + dy) * row + (times * x + dx) * 3 + channel] as number;
    return Math.round(sum / times ** 2);
  });
}

/** What is learnt from: a dataset's own examples, and those whose category is not told. */
export interface Shown {
  examples: ShownExample[];
  shards: string[];
  record: CheckpointState['dataset'];
}

/** @throws {InputError} where other pictures are named but no teacher, or there are none. */
export async function shownBy(dataset: LabelledDataset, { teacher, also }: ClassifyConfig['distil']): Promise<Shown> {
  const { train, shards, record } = dataset;
  if (also === null) return { examples: train, shards, record };
  if (teacher === null) {
    throw new InputError(
      `Expected a teacher beside distil.also=${also}, of whose pictures it tells, but there is none: --set distil.teacher=efficientnet-lite0`,
    );
  }
  const files = datasetFiles(also);
  const info = await readInfo(files);
  const lines: IndexLine[] = [];
  for await (const line of readIndex(files))
    if (line.clip.split !== 'test' && line.clip.pictures.length > 0) lines.push(line);
  if (lines.length === 0)
    throw new InputError(`Expected pictures in ${also} for distil.also, beside its test split, but it has none.`);
  const others = lines.map((line) => ({ line: { ...line, shard: shards.length + line.shard }, category: null }));
  const other = datasetRecord(info, null);
  return {
    examples: [...train, ...others],
    shards: [...shards, ...shardPaths(also, info)],
    record: { ...record, digest: createHash('sha256').update(`${record.digest} ${other.digest}`).digest('hex') },
  };
}
