import { z } from 'zod';
import type { BundleManifest } from '#core/bundle/manifest.ts';

/** One thing to judge by: a sound in windows, or the pictures of one thing. It is read when its turn comes. */
export interface Item<Input> {
  /** What it comes from: a recording, a video, a photo. */
  source: string;
  read(): Promise<Input[]>;
}

export interface LabelledItem<Input> extends Item<Input> {
  label: string;
}

/** What pairs are made of. */
export interface PairItem<Input> extends Item<Input> {
  /** What it belongs together by, where a dataset joins by category; else empty. */
  categories: string[];
}

/** A sound and a picture, by their positions in the lists that they come from. */
export interface Pair {
  sound: number;
  picture: number;
  corresponds: boolean;
}

export type JudgedSplit = 'validation' | 'test';

/** Which part of a dataset is asked for. */
export interface Part {
  /** Default test, or validation where a dataset has no test part. */
  split?: JudgedSplit | undefined;
  /** The official fold whose clips are classified; default the one held out in training, unless a split is asked for. */
  fold?: number | undefined;
  /** Classified are the clips of the validation and test splits that are not of this fold. */
  exceptFold?: number | undefined;
}

const heldOutSchema = z.looseObject({
  data: z.looseObject({ validationFold: z.number().nullable().default(null) }).default({ validationFold: null }),
});

/** The official folds that training held out; null: none, and the dataset's own splits were taken where it held out no test fold. */
export function heldOutFolds({ training }: BundleManifest): { test: number | null; validation: number | null } {
  const { testFold: test, config } = training;
  return { test, validation: test === null ? null : heldOutSchema.parse(config).data.validationFold };
}

/** What chooses, and is measured, before the test: what training held out for that, and never the fold that it held out for the test. */
export function validationPart(manifest: BundleManifest): Part {
  const { test, validation } = heldOutFolds(manifest);
  if (test === null) return { split: 'validation' };
  return { split: 'validation', ...(validation === null ? { exceptFold: test } : { fold: validation }) };
}

/** What a bundle is judged by. Sounds are `[N]` float32, pictures RGB uint8 `[H, W, 3]`, as the bundle's graphs take them. */
export interface TestSet {
  split: JudgedSplit;
  /** Of the labelled things; null: they are the split's. */
  fold: number | null;
  /** Each sound and each picture once, however many pairs it is in. */
  pairs: { sounds: PairItem<Float32Array>[]; pictures: PairItem<Uint8Array>[]; list: Pair[] };
  sounds: Labelled<Float32Array>;
  pictures: Labelled<Uint8Array>;
}

export interface Labelled<Input> {
  /** That occur in the whole dataset: what a classifier trained on it names. */
  labels: string[];
  items: LabelledItem<Input>[];
}
