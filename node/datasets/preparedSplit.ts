import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { IndexLine, PreparedDataset, Split } from '#core/datasets/prepared.ts';
import { type DatasetFiles, readInfo, readSplit } from '#core/datasets/readDataset.ts';
import { InputError } from '#core/errors.ts';
import { readFrom, readLines } from '../files.ts';

/** One split of a folder that `clapper prepare` made. */
export interface PreparedSplit {
  info: PreparedDataset;
  /** Paths of the tar files, by number. */
  shards: string[];
  lines: IndexLine[];
}

/** @throws {InputError} for a folder that is no prepared dataset, or an unfinished one. */
export async function openPreparedSplit(folder: string, split: Split): Promise<PreparedSplit> {
  const files = datasetFiles(folder);
  const info = await readInfo(files);
  return { info, shards: shardPaths(folder, info), lines: await readSplit(files, split) };
}

/** @throws {InputError} for a folder that is no prepared dataset, or an unfinished one. */
export function datasetFiles(folder: string): DatasetFiles {
  if (!existsSync(join(folder, 'dataset.json'))) {
    throw new InputError(
      `Expected a prepared dataset at ${folder} but it has no dataset.json. Make or finish it: npx clapper prepare --help`,
      'not_found',
    );
  }
  return { folder, read: readFrom(folder), lines: (name) => readLines(join(folder, name)) };
}

export function shardPaths(folder: string, { shards }: PreparedDataset): string[] {
  return shards.map(({ file }) => join(folder, file));
}
