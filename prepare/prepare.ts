import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PreparedDataset, preparedDatasetSchema, type Skipped, skippedSchema } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import { type ProgressOutput, startProgress } from '#core/progress.ts';
import { startBadFileCount } from './badFiles.ts';
import { joinCopies } from './copies/join.ts';
import { findSameBytes } from './copies/sameBytes.ts';
import { openDatasetFolder } from './datasetFolder.ts';
import type { ClassFolder } from './files/folders.ts';
import { finishDataset, removeNotes } from './finish.ts';
import { kinds } from './kinds/index.ts';
import type { KindName } from './kinds/names.ts';
import { type PlannedSet, type PlanSettings, planSet } from './plan.ts';
import { isShardFinished, readShardNotes, writeShard } from './shards.ts';
import { prepareInOrder } from './workers/inOrder.ts';
import { startPool } from './workers/pool.ts';
import type { Prepared } from './workers/protocol.ts';

export interface PrepareOptions {
  kind: KindName;
  /** Empty: where the repository carries the set. */
  from: string[];
  out: string;
  /** What differs from the kind's own. */
  settings: Partial<PlanSettings>;
  categoriesFile: string | null;
  classFolder?: ClassFolder;
  /** This process does every `of`-th shard, from the `number`-th on. */
  part: { number: number; of: number };
  workers: number;
  /** The largest share of the files that may be broken. */
  maxBad: number;
  output: ProgressOutput;
}

export interface PrepareResult {
  folder: string;
  /** null: other parts are still to be done. */
  dataset: PreparedDataset | null;
  shards: { finished: number; all: number };
  skipped: Skipped[];
  /** How the collection was understood. */
  notes: string[];
}

/**
 * A collection of sound and pictures as it lies on disk → a prepared dataset. It goes on where an earlier run stopped, or was killed,
 * and the bytes are the same however the work was split.
 */
export async function prepareDataset(options: PrepareOptions): Promise<PrepareResult> {
  try {
    return await prepareParts(options);
  } catch (cause) {
    const { syscall, message } = cause as NodeJS.ErrnoException;
    if (!syscall) throw cause;
    throw new InputError(
      `Preparing ${options.out} stopped: ${message}. What was done is kept: mend it, then give the same command again.`,
      'invalid_request',
      { cause },
    );
  }
}

async function prepareParts(options: PrepareOptions): Promise<PrepareResult> {
  const { out, part } = options;
  const set = await listSet(options);
  const datasetFile = join(out, 'dataset.json');
  const all = set.shards.length;
  await openDatasetFolder(out, set.plan);

  if (!existsSync(datasetFile)) {
    const own = [...set.shards.keys()].filter((shard) => shard % part.of === part.number - 1);
    await prepareShards(own, set, options);
    const finished = [...set.shards.keys()].filter((shard) => isShardFinished(out, shard)).length;
    // Where another process has finished the dataset meanwhile, there are no notes any more.
    if (finished < all && !existsSync(datasetFile)) {
      return { folder: out, dataset: null, shards: { finished, all }, skipped: set.skipped, notes: set.notes };
    }
    await finishDataset(out, set, options);
  }
  await removeNotes(out, set);
  const dataset = parseJson(preparedDatasetSchema, await readFile(datasetFile, 'utf8'), datasetFile);
  return {
    folder: out,
    dataset,
    shards: { finished: all, all },
    skipped: await readSkipped(out),
    notes: dataset.notes ?? [],
  };
}

async function listSet(options: PrepareOptions): Promise<PlannedSet> {
  const { kind: name, from, settings, categoriesFile, classFolder, output } = options;
  output.write(`Listing ${name} …\n`); // of millions of files it takes a minute
  const kind = kinds[name];
  const { from: defaultFrom, sampleRate, shortSide = 256, itemsPerShard } = kind.defaults;
  const listed = await kind.list(from.length > 0 ? from : defaultFrom, { categoriesFile, classFolder });
  const copies = await findSameBytes(listed.items.flatMap((item) => kind.filesOf(item)));
  const listing = joinCopies(listed, copies, kind.filesOf);
  for (const note of listing.notes) output.write(`  ${note}\n`);
  const { description, licence } = listing;
  return planSet(listing, {
    name,
    kind: name,
    description,
    licence,
    pairing: kind.pairing,
    sampleRate,
    shortSide,
    clipSeconds: 10,
    framesPerSecond: 2,
    heldOut: 0.1,
    seed: 0,
    itemsPerShard,
    ...settings,
  });
}

async function prepareShards(own: number[], set: PlannedSet, options: PrepareOptions): Promise<void> {
  const { kind, out, workers, maxBad, output } = options;
  const bad = startBadFileCount({ files: set.plan.files, maxBad });
  bad.add(set.skipped);
  const todo: number[] = [];
  for (const shard of own) {
    if (isShardFinished(out, shard)) bad.add((await readShardNotes(out, shard)).skipped);
    else todo.push(shard);
  }
  const countItems = (shards: number[]) => shards.reduce((sum, shard) => sum + (set.shards[shard]?.length ?? 0), 0);
  const total = countItems(own);
  let done = total - countItems(todo);
  if (todo.length === 0) return;
  const pool = startPool(Math.max(1, Math.min(workers, total - done)), { kind, settings: set.plan });
  const progress = startProgress({ label: 'preparing', total, done, output });
  const answers = prepareInOrder(
    todo.flatMap((shard) => set.shards[shard] ?? []),
    pool,
    4 * workers,
  );
  const nextPrepared = async (): Promise<Prepared> => {
    const { value } = (await answers.next()) as IteratorYieldResult<Prepared>;
    bad.add(value.skipped);
    progress.update(++done);
    return value;
  };
  try {
    for (const shard of todo) await writeShard(out, { shard, items: set.shards[shard] ?? [], nextPrepared });
  } finally {
    progress.end();
    await pool.close();
  }
}

async function readSkipped(out: string): Promise<Skipped[]> {
  const file = join(out, 'skipped.jsonl');
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => parseJson(skippedSchema, line, file));
}
