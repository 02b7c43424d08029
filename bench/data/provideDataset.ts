import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgressOutput } from '#core/progress.ts';
import { makeAtomically } from '#node/atomic.ts';
import { writeSyntheticDataset } from './syntheticDataset.ts';

const dataset = {
  clips: 400,
  picturesPerClip: 2,
  secondsPerClip: 5,
  sampleRate: 48_000,
  shortSide: 256,
  clipsPerShard: 100,
  seed: 0,
};

/** @returns the folder of the dataset to measure with, made the first time. */
export async function provideDataset(cacheFolder: string, output: ProgressOutput): Promise<string> {
  const folder = join(cacheFolder, 'bench-data-1');
  if (existsSync(folder)) return folder;
  output.write(`Making ${dataset.clips} clips to measure with in ${folder} …\n`);
  await makeAtomically(folder, (unfinished) => writeSyntheticDataset(unfinished, dataset));
  return folder;
}
