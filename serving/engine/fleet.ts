import { setTimeout as sleep } from 'node:timers/promises';
import { WorkerLost } from './errors.ts';
import type { Patience } from './patience.ts';
import type { Costs, Result, Task } from './protocol.ts';
import { FairQueue, type Waiting } from './queue.ts';
import type { WorkerProcess } from './workerProcess.ts';

export interface Batching {
  /** Tasks that go to a worker together at most. */
  size: number;
  /**
   * Fewer may go together, down to this many, so that what is in hand makes two batches for each worker: one that it works on while the answers of the
   * other reach their clients, who ask anew. As many as `size` or more: all that wait go along.
   */
  leastSize: number;
  /** To wait for others; 0: only what waits anyway goes along. */
  waitMs: number;
  /** Expected of a batch at most: on a processor, where a batch of long work only makes its first wait. */
  costMs: number;
}

/** On a processor: what is short saves its hand-overs. */
export const processorBatching: Batching = { size: 8, leastSize: 4, waitMs: 0, costMs: 10 };
/** On a GPU, where eight together take three to four times as long as one (L3-Net on an H200): worth a moment's wait; while it computes for one worker, others decode. */
export const gpuBatching: Batching = { size: 8, leastSize: 2, waitMs: 2, costMs: Number.POSITIVE_INFINITY };

export interface FleetOptions {
  workers: number;
  batching?: Batching;
  startWorker: () => Promise<WorkerProcess>;
  /** Told when a worker ended by itself and when it could not be started again. */
  onTrouble: (error: Error) => void;
  onRestart?: (() => void) | undefined;
  /** Told of how many tasks went to a worker together. */
  onBatch?: ((tasks: number) => void) | undefined;
}

export interface Work {
  task: Task;
  /** Milliseconds of a worker's time that it is expected to take. */
  costMs: number;
  /** When it came, by a monotonic clock: what belongs to one request keeps its place. */
  queuedMs: number;
  /** Decoding that cannot be interrupted for longer than others should wait: it never takes the last worker. */
  isLong?: boolean;
  patience: Patience;
}

export interface Done {
  result: Result;
  /** Milliseconds that it waited. */
  queueMs: number;
}

/** Workers that have the same bundles, behind one queue. */
export interface Fleet {
  /** Settles when every worker has started; rejects with the reason why one cannot. */
  start(): Promise<void>;
  /** @throws {InputError} for files that cannot be used, {@link WorkerLost} where two workers ended over it. */
  perform(work: Work): Promise<Done>;
  costsOf(bundle: string): Costs;
  /** Sounds, pictures and tensors that wait. */
  readonly waiting: number;
  /** Milliseconds until a newcomer's turn comes, if all takes as long as expected. */
  readonly backlogMs: number;
  /** Workers that live. */
  readonly alive: number;
  readonly restarts: number;
  /** Ends all workers; what they work on is lost. */
  close(): Promise<void>;
}

interface Job extends Work, Waiting {
  resolve: (done: Done) => void;
  reject: (error: unknown) => void;
  tries: number;
}

const maxTries = 2;

function itemsOf(task: Task): number {
  return task.task === 'media' ? task.items.length : Object.keys(task.inputs).length;
}

export function createFleet(options: FleetOptions): Fleet {
  const { workers, startWorker, onTrouble, onRestart, onBatch, batching = processorBatching } = options;
  const { costMs: shortMs } = batching;
  const queue = new FairQueue<Job>();
  const seats = new Map<number, WorkerProcess>();
  const running = new Map<WorkerProcess, Job[][]>();
  let costs: Record<string, Costs> = {};
  let isClosed = false;
  let restarts = 0;
  let waiting: NodeJS.Timeout | undefined;
  let isDispatchDue = false;

  const launch = async (seat: number): Promise<void> => {
    const worker = await startWorker();
    if (isClosed) return worker.end();
    seats.set(seat, worker);
    running.set(worker, []);
    costs = worker.costs;
    void worker.ended.then(() => replace(seat, worker));
    dispatch();
  };

  const replace = async (seat: number, worker: WorkerProcess): Promise<void> => {
    running.delete(worker);
    seats.delete(seat);
    if (isClosed) return;
    onTrouble(new WorkerLost('A worker ended by itself; another one takes its place.'));
    for (let waitMs = 100; !isClosed; waitMs = Math.min(10_000, 2 * waitMs)) {
      try {
        await launch(seat);
        restarts++;
        onRestart?.();
        return;
      } catch (error) {
        onTrouble(error as Error);
        await sleep(waitMs, undefined, { ref: false });
      }
    }
  };

  /** When all sockets that are readable now have been read: what came together goes along together. */
  const dispatchSoon = (): void => {
    if (isDispatchDue) return;
    isDispatchDue = true;
    setImmediate(() => {
      isDispatchDue = false;
      dispatch();
    });
  };

  /** @returns how many tasks make a batch now. */
  const shareOut = (): number => {
    let inHand = queue.length;
    for (const batches of running.values()) for (const batch of batches) inHand += batch.length;
    return Math.min(batching.size, Math.max(batching.leastSize, Math.ceil(inHand / (2 * workers))));
  };

  const dispatch = (): void => {
    const size = shareOut();
    for (let next = queue.peek(); next; next = queue.peek()) {
      if (waitsForOthers(next)) return;
      const worker = chooseWorker(next, size);
      const first = worker && queue.take((job) => canRun(job, worker));
      if (!first) return;
      void run(worker, fill([first], size));
    }
  };

  /** Where batches pay, the first gives others a moment to come. */
  const waitsForOthers = ({ queuedMs }: Job): boolean => {
    const leftMs = queuedMs + batching.waitMs - performance.now();
    if (batching.waitMs === 0 || queue.length >= batching.size || leftMs <= 0) return false;
    clearTimeout(waiting);
    waiting = setTimeout(dispatch, leftMs);
    return true;
  };

  /** An idle one, or else, for a batch of `size`, one that is soon done. */
  const chooseWorker = (job: Job, size: number): WorkerProcess | undefined => {
    let best: WorkerProcess | undefined;
    for (const [worker, batches] of running) {
      if (worker.hasEnded) continue;
      if (batches.length === 0) return worker;
      if (queue.length < size || batches.length > 1) continue;
      if (isShort(batches[0] as Job[]) && job.costMs <= shortMs) best ??= worker;
    }
    return best;
  };

  const isShort = (batch: Job[]) => batch.reduce((sum, { costMs }) => sum + costMs, 0) <= 2 * shortMs;

  const canRun = (job: Job, worker: WorkerProcess): boolean => {
    if ((running.get(worker)?.length ?? 0) > 0) return job.costMs <= shortMs;
    if (!job.isLong || workers === 1) return true;
    const long = [...running.values()].filter((batches) => batches.flat().some(({ isLong }) => isLong)).length;
    return long < workers - 1;
  };

  /** Short work that waits goes along: a batch costs less than its parts, above all in hand-overs. */
  const fill = (batch: Job[], size: number): Job[] => {
    let costMs = batch[0]?.costMs as number;
    for (let next = queue.peek(); next && batch.length < size; next = queue.peek()) {
      if (costMs + next.costMs > shortMs) break;
      costMs += next.costMs;
      batch.push(queue.shift() as Job);
    }
    return batch;
  };

  const run = async (worker: WorkerProcess, batch: Job[]): Promise<void> => {
    const batches = running.get(worker) as Job[][];
    batches.push(batch);
    onBatch?.(batch.length);
    const startMs = performance.now();
    try {
      const results = await worker.perform(batch.map(({ task }) => task));
      for (const [i, job] of batch.entries()) {
        const result = results[i] as Result | Error;
        if (result instanceof Error) job.reject(result);
        else job.resolve({ result, queueMs: startMs - job.queuedMs });
      }
    } catch (error) {
      for (const job of batch) {
        const isWanted = !job.patience.ended && !isClosed;
        if (error instanceof WorkerLost && ++job.tries < maxTries && isWanted) queue.push(job, 0);
        else job.reject(error);
      }
    } finally {
      batches.splice(batches.indexOf(batch), 1);
      dispatch();
    }
  };

  return {
    async start() {
      await Promise.all(Array.from({ length: workers }, (_, seat) => launch(seat)));
    },
    perform: (work) =>
      new Promise<Done>((resolve, reject) => {
        const { task, costMs, queuedMs, isLong = false, patience } = work;
        // Each by its name: a copy of what is given, with more put in, takes several times as long.
        const job: Job = {
          task,
          costMs,
          queuedMs,
          isLong,
          patience,
          items: itemsOf(task),
          tries: 0,
          resolve(done) {
            patience.offEnd(leave);
            resolve(done);
          },
          reject(error) {
            patience.offEnd(leave);
            reject(error);
          },
        };
        const leave = (reason: Error) => {
          queue.remove(job);
          reject(reason);
        };
        if (patience.ended) return reject(patience.ended);
        patience.onEnd(leave);
        queue.push(job);
        dispatchSoon();
      }),
    costsOf: (bundle) => costs[bundle] ?? { windowMs: 1, imageMs: 1 },
    get waiting() {
      return queue.items;
    },
    get backlogMs() {
      return queue.costMs / Math.max(1, seats.size);
    },
    get alive() {
      return [...seats.values()].filter(({ hasEnded }) => !hasEnded).length;
    },
    get restarts() {
      return restarts;
    },
    async close() {
      isClosed = true;
      for (let job = queue.shift(); job; job = queue.shift()) job.reject(new WorkerLost('The server stops.'));
      await Promise.allSettled(Array.from(seats.values(), (worker) => worker.end()));
    },
  };
}
