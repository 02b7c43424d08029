import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { Split } from '#core/datasets/prepared.ts';
import { correspondenceMetrics } from '#core/metrics.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { openPreparedSplit } from '#node/datasets/preparedSplit.ts';
import { type ClipEncoders, type EncodedClip, encodeClips } from '../../correspondence/canonical/encodeClips.ts';
import type { Value } from '../experiment.ts';
import type { Tools } from '../tools.ts';
import { valueFrom } from '../values.ts';
import { type Extent, extents, type JudgedFolds } from './canonicalFolds.ts';
import { joinedClips } from './joinedClips.ts';

/** Of a frame: what is seen of it is the mean over so many. */
export const squares = 6;

const heardAndSeen: Record<Extent, string> = {
  moment: 'a frame and five seconds around it',
  sound: 'a frame and its clip’s whole sound',
  clip: 'all frames and the whole sound',
};

/** The real clips. @returns those of the training and validation splits, and those of the test split. */
export async function encodeRealClips(
  encoders: ClipEncoders,
  folder: string,
  output: ProgressOutput,
): Promise<{ learnt: EncodedClip[]; test: EncodedClip[] }> {
  const encode = (split: Split) => encodeSplit(encoders, { folder, split, views: squares, output });
  const [train, validation, test] = [await encode('train'), await encode('validation'), await encode('test')];
  return { learnt: [...train, ...validation], test };
}

export interface SplitOptions {
  /** A prepared dataset. */
  folder: string;
  split: Split;
  /** Parts of a picture. */
  views: number;
  output: ProgressOutput;
}

export async function encodeSplit(
  encoders: ClipEncoders,
  { folder, split, views, output }: SplitOptions,
): Promise<EncodedClip[]> {
  const { shards, lines } = await openPreparedSplit(folder, split);
  return encodeClips(encoders, lines, { shards, workers: 1, ahead: 2, output, views });
}

export function foldValues({ all, inGroups }: JudgedFolds): Value[] {
  return extents.flatMap((extent) => {
    const [found, within] = [correspondenceMetrics(all[extent]), correspondenceMetrics(inGroups[extent])];
    const ofMoment = ['pairs', 'precision', 'recall', 'calibrationError'];
    const own = (metric: string) => (extent === 'moment' ? metric : `${metric}, ${heardAndSeen[extent]}`);
    return [
      ...['accuracy', 'rocAuc'].map((metric) => valueFrom(own(metric), found, metric)),
      ...(extent === 'moment' ? ofMoment.map((metric) => valueFrom(metric, found, metric)) : []),
      valueFrom(own('accuracy within a dataset'), within),
    ];
  });
}

/** @returns what a clip was taken from. */
export async function datasetOfClips(tools: Tools): Promise<(clip: EncodedClip) => string> {
  const table = await readFile(join(await joinedClips(tools, {}), 'clips.csv'), 'utf8');
  const rows = parse(table, { columns: true }) as { id: string; youtube_id: string; dataset: string }[];
  // A prepared dataset names a clip's source by the one or the other.
  const datasets = new Map(
    rows.flatMap(({ id, youtube_id, dataset }) => [id, youtube_id].map((name) => [name, dataset])),
  );
  return ({ clip }) => datasets.get(clip.source) ?? clip.source;
}
