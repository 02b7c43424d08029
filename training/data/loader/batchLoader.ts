import { Worker } from 'node:worker_threads';
import type { IndexLine, TarMember } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import type { DrawnBatch, PairSampler } from '../pairs/sampler.ts';
import type { PreparedSplit } from '../preparedDataset.ts';
import type { Done, Row, Slot, WorkerSetup } from './protocol.ts';

export interface BatchLoaderOptions extends Omit<WorkerSetup, 'shards' | 'slots'> {
  batchSize: number;
  /** Threads that read, decode and augment. What they write does not depend on their number. */
  workers: number;
  /** Batches that are made ready while one is in use. */
  ahead: number;
  firstStep: number;
}

export interface LoadedBatch {
  step: number;
  /** float32 `[B, N]`. */
  waveforms: Float32Array;
  /** RGB uint8 `[B, H, W, 3]`. */
  pictures: Uint8Array;
  /** The rows' clips and moments, and which rows are matched. */
  drawn: DrawnBatch;
}

/** Batches from worker threads, step after step. */
export interface BatchLoader {
  /**
   * @returns views of shared memory, which hold until the next call.
   * @throws {InputError} naming shard and clip, where one cannot be read.
   */
  next(): Promise<LoadedBatch>;
  close(): Promise<void>;
}

interface Pending {
  step: number;
  slot: number;
  drawn: DrawnBatch;
  /** Jobs that are not done. */
  jobs: number;
}

interface Thread {
  worker: Worker;
  /** Jobs that it was sent and has not done. */
  jobs: number;
}

const rowsPerJob = 8; // few enough to share a batch out evenly

/**
 * Every batch depends on the seed and its step alone: a run that goes on at `firstStep` gets what it would have got.
 *
 * @param sampler of the clips of this split's lines.
 */
export function startBatchLoader(
  { shards, lines }: PreparedSplit,
  sampler: PairSampler,
  options: BatchLoaderOptions,
): BatchLoader {
  const { batchSize, workers, ahead, firstStep, ...decoding } = options;
  const { samples, image } = options;
  const lineOf = new Map(lines.map((line) => [line.clip, line]));
  const slots = Array.from(
    { length: ahead + 1 },
    (): Slot => ({
      waveforms: new SharedArrayBuffer(4 * batchSize * samples),
      pictures: new SharedArrayBuffer(batchSize * image.height * image.width * 3),
    }),
  );
  const setup: WorkerSetup = { ...decoding, shards, slots };
  const threads = Array.from(
    { length: workers },
    (): Thread => ({
      worker: new Worker(new URL('./entry.js', import.meta.url), { workerData: setup }),
      jobs: 0,
    }),
  );

  let nextStep = firstStep;
  const pending: Pending[] = []; // in the order of their steps
  let failure: Error | null = null;
  let wake = () => {};

  const fail = (error: Error) => {
    failure ??= error;
    wake();
  };
  for (const thread of threads) {
    thread.worker.on('message', ({ slot, error }: Done) => {
      thread.jobs--;
      if (error) return fail(new InputError(error.message, error.kind));
      const batch = pending.find((batch) => batch.slot === slot) as Pending;
      batch.jobs--;
      if (batch.jobs === 0) wake();
    });
    thread.worker.on('error', fail);
    thread.worker.on('exit', () => fail(new Error('A thread that loads batches has ended.')));
  }

  const request = (slot: number) => {
    const step = nextStep++;
    const drawn = sampler.draw(step);
    const rows = drawn.sounds.map((_, row) => locate(drawn, row, { lineOf, stream: step * batchSize + row }));
    const batch: Pending = { step, slot, drawn, jobs: 0 };
    for (let start = 0; start < rows.length; start += rowsPerJob, batch.jobs++) {
      const thread = threads.reduce((least, other) => (other.jobs < least.jobs ? other : least));
      thread.jobs++;
      thread.worker.postMessage({ slot, rows: rows.slice(start, start + rowsPerJob) });
    }
    pending.push(batch);
  };
  for (let slot = 0; slot < ahead; slot++) request(slot);
  let free = ahead; // the slot whose views the caller no longer has

  return {
    async next() {
      request(free);
      const batch = pending[0] as Pending;
      while (batch.jobs > 0 && !failure) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (failure) throw failure;
      pending.shift();
      free = batch.slot;
      const { waveforms, pictures } = slots[batch.slot] as Slot;
      return {
        step: batch.step,
        waveforms: new Float32Array(waveforms),
        pictures: new Uint8Array(pictures),
        drawn: batch.drawn,
      };
    },
    async close() {
      failure = new Error('The loader is closed.');
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

function locate(
  { sounds, pictures }: DrawnBatch,
  row: number,
  { lineOf, stream }: { lineOf: Map<IndexLine['clip'], IndexLine>; stream: number },
): Row {
  const sound = sounds[row] as DrawnBatch['sounds'][number];
  const picture = pictures[row] as DrawnBatch['pictures'][number];
  const soundLine = lineOf.get(sound.clip) as IndexLine;
  const pictureLine = lineOf.get(picture.clip) as IndexLine;
  return {
    row,
    stream,
    sound: {
      key: sound.clip.key,
      shard: soundLine.shard,
      member: soundLine.sound as TarMember,
      startSample: sound.startSample,
    },
    picture: {
      key: picture.clip.key,
      shard: pictureLine.shard,
      member: pictureLine.pictures[picture.picture] as TarMember,
    },
  };
}
