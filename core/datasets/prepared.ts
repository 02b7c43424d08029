import { z } from 'zod';
import { filePathSchema } from '../fileName.ts';

/**
 * A prepared dataset is a folder:
 *
 * - `dataset.json`: what it is ({@link preparedDatasetSchema}); written last, so a folder without it is unfinished.
 * - `shards/000000.tar` …: WebDataset shards (plain tar; a clip's files share a key): `KEY.wav` (16-bit PCM, mono, at the dataset's
 *   rate: any second of it is read without decoding the rest), `KEY.0.jpg` `KEY.1.jpg` … (short side as the dataset says), `KEY.json`
 *   (the clip's {@link clipSchema}).
 * - `index.jsonl`: one {@link indexLineSchema} a clip, in the order of the shards: where its files stand in the tar.
 * - `pairs-validation.jsonl`, `pairs-test.jsonl`: the fixed pairs that the splits are judged by ({@link fixedPairSchema}).
 * - `skipped.jsonl`: each source file that was left out, and why. Copies are left out of the index alone: their files stay in the tar.
 */
export const splitSchema = z.enum(['train', 'validation', 'test']);
export type Split = z.infer<typeof splitSchema>;

export const soundSchema = z.strictObject({
  seconds: z.number().positive(),
  /** Where the sound begins on the source's own clock; 0 for a sound that is its own source. */
  startSeconds: z.number().nonnegative(),
});

export const pictureSchema = z.strictObject({
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  /** When it was taken, on the sound's clock (0: the sound's first sample); null: not known, any moment of the sound will do. */
  timeSeconds: z.number().nullable(),
});

/** One thing seen, heard or both. */
export const clipSchema = z.strictObject({
  key: z.string().regex(/^[\w-]+$/),
  /** The video or recording that it comes from: no source is in two splits. */
  source: z.string(),
  split: splitSchema,
  /** The official fold of a benchmark, from 1; null: it has none. */
  fold: z.number().int().positive().nullable(),
  /** Of `dataset.json`; empty: not labelled. Clips of one category are never mismatched with each other. */
  categories: z.array(z.string()),
  /** null: nothing to hear. */
  sound: soundSchema.nullable(),
  /** Empty: nothing to see. */
  pictures: z.array(pictureSchema),
});
export type Clip = z.infer<typeof clipSchema>;

const memberSchema = z.strictObject({
  /** Of the file's first byte in the tar. */
  offset: z.number().int().nonnegative(),
  bytes: z.number().int().positive(),
});
export type TarMember = z.infer<typeof memberSchema>;

export const indexLineSchema = z.strictObject({
  /** Number of the shard. */
  shard: z.number().int().nonnegative(),
  clip: clipSchema,
  /** The `.wav` file, its 44-byte header included. */
  sound: memberSchema.nullable(),
  /** The `.jpg` files, in the order of `clip.pictures`. */
  pictures: z.array(memberSchema),
});
export type IndexLine = z.infer<typeof indexLineSchema>;

export const skippedSchema = z.strictObject({
  file: z.string(),
  reason: z.string(),
  /** false: nothing is wrong with it, but nothing can be learnt from it (silence). */
  broken: z.boolean(),
});
export type Skipped = z.infer<typeof skippedSchema>;

/** Of the fixed pairs: each sound is the second from `startSeconds` on, or the whole of a shorter one. */
export const fixedPairSeconds = 1;

/** A sound and a picture, by their clips' keys and their moments. */
export const fixedPairSchema = z.strictObject({
  sound: z.strictObject({ key: z.string(), startSeconds: z.number().nonnegative() }),
  picture: z.strictObject({ key: z.string(), index: z.number().int().nonnegative() }),
  corresponds: z.boolean(),
});
export type FixedPair = z.infer<typeof fixedPairSchema>;

const countsSchema = z.strictObject({
  clips: z.number().int(),
  sounds: z.number().int(),
  pictures: z.number().int(),
  seconds: z.number().describe('of sound'),
  pairs: z.number().int().describe('fixed ones'),
});

/** How a sound and a picture come to belong together. */
export const pairingSchema = z.enum([
  'same-clip', // seen and heard at the same moment of one clip
  'same-category', // any sound and any picture of one category
  'none', // only sounds or only pictures: to classify
]);

export type Pairing = z.infer<typeof pairingSchema>;

/** `dataset.json`. */
export const preparedDatasetSchema = z.strictObject({
  schema: z.literal('clapper-dataset/1'),
  name: z.string(),
  kind: z.string().describe('of `clapper prepare`'),
  description: z.string(),
  licence: z.string(),
  pairing: pairingSchema,
  sampleRate: z.number().int().positive().describe('Hz'),
  shortSide: z.number().int().positive().describe('of every picture, in pixels'),
  categories: z.array(z.string()),
  counts: z.record(splitSchema, countsSchema),
  skipped: z.number().int(),
  notes: z.array(z.string()).optional().describe('how the collection was understood'),
  shards: z.array(
    z.strictObject({ file: filePathSchema, bytes: z.number().int(), sha256: z.string(), clips: z.number().int() }),
  ),
});
export type PreparedDataset = z.infer<typeof preparedDatasetSchema>;
