import { totalmem } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { pictureFile, soundFile } from '#core/datasets/clipFiles.ts';
import type { Clip, IndexLine } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { formatBytes } from '#core/progress.ts';
import type { PreparedSplit } from '#node/datasets/preparedSplit.ts';
import { startWorker } from '#node/worker.ts';
import { findLoaderAddon } from './addon.ts';
import type { Done, Row, Slot, SoundPlace, WorkerSetup } from './protocol.ts';

/** What the rows of a batch hold: sounds and as many pictures, or either alone. */
export interface DrawnRows {
  /** `rollSamples` of none: 0. */
  sounds: { clip: Clip; startSample: number; rollSamples?: number }[];
  pictures: { clip: Clip; picture: number }[];
}

export interface BatchLoaderOptions extends Omit<WorkerSetup, 'shards' | 'slots'> {
  batchSize: number;
  /** Threads that read, decode and augment. What they write does not depend on their number. */
  workers: number;
  /** Batches that are made ready while one is in use. */
  ahead: number;
  firstStep: number;
}

export interface LoadedBatch<Drawn extends DrawnRows> {
  step: number;
  /** float32 `[B, N]`; empty: nothing to hear. */
  waveforms: Float32Array;
  /** RGB uint8 `[B, H, W, 3]`; empty: nothing to see. */
  pictures: Uint8Array;
  /** The rows' clips and moments, and what else the sampler says of them. */
  drawn: Drawn;
}

/** Batches from worker threads, step after step. */
export interface BatchLoader<Drawn extends DrawnRows> {
  /**
   * @returns views of shared memory, which hold until the next call.
   * @throws {InputError} naming shard and clip, where one cannot be read.
   */
  next(): Promise<LoadedBatch<Drawn>>;
  close(): Promise<void>;
}

interface Pending<Drawn> {
  step: number;
  slot: number;
  drawn: Drawn;
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
 * @param sampler of the clips of this split's lines; no more than `batchSize` rows at a time. What is beyond them in a batch's memory
 *   is of an earlier one.
 */
export function startBatchLoader<Drawn extends DrawnRows>(
  { shards, lines }: Pick<PreparedSplit, 'shards' | 'lines'>,
  sampler: { draw(step: number): Drawn },
  options: BatchLoaderOptions,
): BatchLoader<Drawn> {
  const { batchSize, workers, ahead, firstStep, ...decoding } = options;
  const { samples, image } = options;
  findLoaderAddon(); // said here rather than by a thread
  const lineOf = new Map(lines.map((line) => [line.clip, line]));
  const soundBytes = 4 * batchSize * (samples ?? 0);
  const pictureBytes = image ? batchSize * image.height * image.width * 3 : 0;
  checkRoom((ahead + 1) * (soundBytes + pictureBytes), options);
  const slots = Array.from(
    { length: ahead + 1 },
    (): Slot => ({ waveforms: new SharedArrayBuffer(soundBytes), pictures: new SharedArrayBuffer(pictureBytes) }),
  );
  const setup: WorkerSetup = { ...decoding, shards, slots };
  const threads = Array.from(
    { length: workers },
    (): Thread => ({
      worker: startWorker(new URL('./worker.ts', import.meta.url), setup),
      jobs: 0,
    }),
  );

  let nextStep = firstStep;
  const pending: Pending<Drawn>[] = []; // in the order of their steps
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
      const batch = pending.find((batch) => batch.slot === slot) as Pending<Drawn>;
      batch.jobs--;
      if (batch.jobs === 0) wake();
    });
    thread.worker.on('error', fail);
    thread.worker.on('exit', () => fail(new Error('A thread that loads batches has ended.')));
  }

  const request = (slot: number) => {
    const step = nextStep++;
    const drawn = sampler.draw(step);
    const rows = Array.from({ length: Math.max(drawn.sounds.length, drawn.pictures.length) }, (_, row) =>
      locate(drawn, row, { lineOf, stream: step * batchSize + row }),
    );
    const batch: Pending<Drawn> = { step, slot, drawn, jobs: 0 };
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
      const batch = pending[0] as Pending<Drawn>;
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

/** @throws {InputError} for batches that the memory of this machine cannot hold. */
function checkRoom(bytes: number, { batchSize, ahead }: BatchLoaderOptions): void {
  if (bytes <= totalmem()) return;
  throw new InputError(
    `Expected batches that fit into this machine's ${formatBytes(totalmem())} of memory but ${ahead + 1} of ${batchSize} rows take ` +
      `${formatBytes(bytes)}. Choose a smaller batchSize or rowsAtOnce, or fewer batches ahead.`,
    'too_large',
  );
}

interface LocateOptions {
  lineOf: Map<Clip, IndexLine>;
  stream: number;
}

function locate({ sounds, pictures }: DrawnRows, row: number, { lineOf, stream }: LocateOptions): Row {
  const sound = sounds[row];
  const picture = pictures[row];
  return {
    row,
    stream,
    sound: sound ? soundPlace(sound, lineOf.get(sound.clip) as IndexLine) : null,
    picture: picture ? pictureFile(lineOf.get(picture.clip) as IndexLine, picture.picture) : null,
  };
}

function soundPlace({ startSample, rollSamples = 0 }: DrawnRows['sounds'][number], line: IndexLine): SoundPlace {
  return { file: soundFile(line), startSample, rollSamples };
}
