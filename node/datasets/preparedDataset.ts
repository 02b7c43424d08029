import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type IndexLine,
  indexLineSchema,
  type PreparedDataset,
  preparedDatasetSchema,
  type Split,
} from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';

/** One split of a folder that `clapper prepare` made. */
export interface PreparedSplit {
  info: PreparedDataset;
  /** Paths of the tar files, by number. */
  shards: string[];
  lines: IndexLine[];
}

/** @throws {InputError} for a folder that is no prepared dataset, or an unfinished one. */
export async function openPreparedSplit(folder: string, split: Split): Promise<PreparedSplit> {
  const infoFile = join(folder, 'dataset.json');
  if (!existsSync(infoFile)) {
    throw new InputError(
      `Expected a prepared dataset at ${folder} but it has no dataset.json. Make or finish it: npx clapper prepare --help`,
      'not_found',
    );
  }
  const info = parseJson(preparedDatasetSchema, await readFile(infoFile, 'utf8'), infoFile);
  const lines: IndexLine[] = [];
  const indexFile = join(folder, 'index.jsonl');
  let number = 0;
  for await (const text of createInterface({
    input: createReadStream(indexFile),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number++;
    const line = parseJson(indexLineSchema, text, `${indexFile} line ${number}`);
    if (line.clip.split === split) lines.push(line);
  }
  return { info, shards: info.shards.map(({ file }) => join(folder, file)), lines };
}

/** @throws {InputError} where the dataset's sound is of another rate than the network's. */
export function checkRate(info: PreparedDataset, { sampleRate, folder }: { sampleRate: number; folder: string }): void {
  if (info.sampleRate === sampleRate) return;
  throw new InputError(
    `Expected a dataset at the network's ${sampleRate} Hz but ${folder} is at ${info.sampleRate} Hz. Prepare it again with ` +
      `--sample-rate ${sampleRate}, or choose a network for it: --set network.sampleRate=${info.sampleRate}.`,
  );
}
