import { z } from 'zod';
import { type ModelConfig, modelConfigSchema } from '#core/config.ts';
import { InputError } from '#core/errors.ts';

const count = z.number().int().positive();
const grid = z.tuple([count, count]);

/** The network in the terms of its papers; {@link modelConfigOf} makes what checkpoints carry of it. */
export const networkSchema = z.strictObject({
  width: z.number().positive().describe('factor of every block’s channels'),
  channels: z.array(count).min(1).describe('of each block, before `width`; L3-Net: 64, 128, 256, 512'),
  embeddingSize: count.nullable().describe('channels of the last block instead; null: as `channels` and `width` say'),
  stemStride: z.union([z.literal(1), z.literal(2)]).describe('of the first convolution; 2: four times cheaper'),
  imageStemStride: z
    .union([z.literal(1), z.literal(2)])
    .nullable()
    .describe('null: as `stemStride`'),
  frontend: z.enum(['linear', 'mel']).describe('bands of the spectrogram'),
  melBands: count.describe('where `frontend` is mel'),
  sampleRate: count.describe('Hz; the dataset’s'),
  seconds: z.number().positive().describe('of sound in one window'),
  windowLength: count.describe('samples of a spectrogram frame'),
  hopLength: count.describe('samples between frames'),
  nFft: count.describe('samples that a frame is zero-padded to'),
  minHz: z.number().nonnegative().describe('lower edge of the first mel band'),
  maxHz: z.number().positive().describe('upper edge of the last mel band'),
  logOffset: z.number().positive().describe('added to the power before the logarithm'),
  pictureSize: count.describe('pixels: the side of the square that the network sees'),
  pictureShortSide: count.describe('pixels: of the picture that the square is cut from'),
  audioGrid: grid.describe('rows × columns that the last block is max-pooled to, for linear probes'),
  imageGrid: grid,
  pooling: z.enum(['max', 'mean']).describe('of the last block to the embedding; L3-Net: max'),
  matchHead: z
    .enum(['hidden', 'topics', 'canonical'])
    .describe(
      'hidden: concat and a hidden layer, as in L3-Net; topics: what both sides are about, and whether it is the same; branches that were ' +
        'taught categories bring their classifiers as topics; canonical: the cosine of linear projections, which begin, where both branches are ' +
        'taken from runs, as the canonical correlations of what these give for the pairs',
    ),
  headUnits: count.describe(
    'hidden units of the match head, topics where no branch brings them, or canonical variables',
  ),
});
export type NetworkOptions = z.infer<typeof networkSchema>;

/** @throws {InputError} for sizes that leave nothing of a picture or a sound. */
export function modelConfigOf(options: NetworkOptions): ModelConfig {
  const { width, channels, embeddingSize, stemStride, imageStemStride, sampleRate, pictureSize, pooling } = options;
  const scaled = channels.map((number) => Math.max(1, Math.round(number * width)));
  if (embeddingSize !== null) scaled[scaled.length - 1] = embeddingSize;
  const config: ModelConfig = {
    spectrogram: {
      sampleRate,
      samples: Math.round(options.seconds * sampleRate),
      windowLength: options.windowLength,
      hopLength: options.hopLength,
      nFft: options.nFft,
      nMels: options.frontend === 'mel' ? options.melBands : null,
      minHz: options.minHz,
      maxHz: options.maxHz,
      logOffset: options.logOffset,
    },
    image: {
      width: pictureSize,
      height: pictureSize,
      shortSide: options.pictureShortSide,
      scale: 1 / 127.5,
      offset: -1,
    },
    audioBranch: { channels: scaled, stemStride, featureGrid: options.audioGrid, pooling },
    imageBranch: {
      channels: scaled,
      stemStride: imageStemStride ?? stemStride,
      featureGrid: options.imageGrid,
      pooling,
    },
    matchHead: options.matchHead,
    headUnits: options.headUnits,
  };
  return checked(config);
}

/** The network for squares of so many times the pixels along a side, cut from pictures of as many times. @throws {InputError} for a size that leaves nothing of a picture. */
export function withPictures(config: ModelConfig, times: number): ModelConfig {
  const { width, height, shortSide } = config.image;
  const enlarged = (side: number) => Math.round(times * side);
  const sides = { width: enlarged(width), height: enlarged(height), shortSide: enlarged(shortSide) };
  return checked({ ...config, image: { ...config.image, ...sides } });
}

/** What the network's settings call what the checkpoint calls otherwise. */
const settings: Record<string, string> = {
  'image.shortSide': 'pictureShortSide',
  'audioBranch.featureGrid': 'audioGrid',
  'imageBranch.featureGrid': 'imageGrid',
};

function checked(config: ModelConfig): ModelConfig {
  const result = modelConfigSchema.safeParse(config);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => {
    return `${settings[path.join('.')] ?? String(path.at(-1))}: ${message}`;
  });
  throw new InputError(`The network cannot be made as it is set. ${problems.join('; ')}.`);
}
