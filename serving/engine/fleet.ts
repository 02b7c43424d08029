import { setTimeout as sleep } from 'node:timers/promises';
import { WorkerLost } from './errors.ts';
import type { Patience } from './patience.ts';
import type { Costs, Result, Task } from './protocol.ts';
import { FairQueue, type Waiting } from './queue.ts';
import type { WorkerThread } from './workerThread.ts';

export interface FleetOptions {
  workers: number;
  startThread: () => Promise<WorkerThread>;
  /** Told when a worker ended by itself and when it could not be started again. */
  onTrouble: (error: Error) => void;
  onRestart?: (() => void) | undefined;
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

/** Worker threads that have the same bundles, behind one queue. */
export interface Fleet {
  /** Settles when every worker has started; rejects with the reason why one cannot. */
  start(): Promise<void>;
  /** @throws {InputError} for files that cannot be used, {@link WorkerLost} where two workers ended over it. */
  perform(work: Work): Promise<Done>;
  costsOf(bundle: string): Costs;
  readonly waiting: number;
  /** Milliseconds until a newcomer's turn comes, if all takes as long as expected. */
  readonly backlogMs: number;
  /** Workers that live. */
  readonly alive: number;
  readonly restarts: number;
  /** Settles when nothing waits and nothing is worked on. */
  idle(): Promise<void>;
  /** Ends all workers; what they work on is lost. */
  close(): Promise<void>;
  /** Ends one worker in the middle of its work, as a crash would. @returns false where none lives. */
  crash(): Promise<boolean>;
}

interface Job extends Work, Waiting {
  resolve: (done: Done) => void;
  reject: (error: unknown) => void;
  tries: number;
}

/** A second task of at most this may be handed to a busy worker, so that it has work when it is done with the first. */
const shortMs = 5;
const maxTries = 2;

export function createFleet({ workers, startThread, onTrouble, onRestart }: FleetOptions): Fleet {
  const queue = new FairQueue<Job>();
  const threads = new Map<number, WorkerThread>();
  const running = new Map<WorkerThread, Job[]>();
  let costs: Record<string, Costs> = {};
  let isClosed = false;
  let restarts = 0;
  const tellIdle: (() => void)[] = [];

  const launch = async (seat: number): Promise<void> => {
    const thread = await startThread();
    if (isClosed) return thread.end();
    threads.set(seat, thread);
    running.set(thread, []);
    costs = thread.costs;
    void thread.ended.then(() => replace(seat, thread));
    dispatch();
  };

  const replace = async (seat: number, thread: WorkerThread): Promise<void> => {
    running.delete(thread);
    threads.delete(seat);
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

  const dispatch = (): void => {
    for (;;) {
      const next = queue.peek();
      if (!next) return;
      const thread = chooseThread(next);
      if (!thread) return;
      const job = queue.take((waiting) => canRun(waiting, thread));
      if (!job) return;
      void run(thread, job);
    }
  };

  /** An idle one, or else one that is soon done. */
  const chooseThread = (job: Job): WorkerThread | undefined => {
    let best: WorkerThread | undefined;
    for (const [thread, jobs] of running) {
      if (thread.hasEnded) continue;
      if (jobs.length === 0) return thread;
      if (jobs.length === 1 && (jobs[0] as Job).costMs <= shortMs && job.costMs <= shortMs) best ??= thread;
    }
    return best;
  };

  const canRun = (job: Job, thread: WorkerThread): boolean => {
    if ((running.get(thread)?.length ?? 0) > 0) return job.costMs <= shortMs;
    if (!job.isLong || workers === 1) return true;
    const long = [...running.values()].filter((jobs) => jobs.some(({ isLong }) => isLong)).length;
    return long < workers - 1;
  };

  const run = async (thread: WorkerThread, job: Job): Promise<void> => {
    const jobs = running.get(thread) as Job[];
    jobs.push(job);
    const queueMs = performance.now() - job.queuedMs;
    try {
      const result = await thread.perform(job.task);
      job.resolve({ result, queueMs });
    } catch (error) {
      if (error instanceof WorkerLost && ++job.tries < maxTries && !isClosed) queue.push(job, 0);
      else job.reject(error);
    } finally {
      jobs.splice(jobs.indexOf(job), 1);
      dispatch();
      if (queue.length === 0 && isQuiet()) for (const tell of tellIdle.splice(0)) tell();
    }
  };

  const isQuiet = (): boolean => [...running.values()].every((jobs) => jobs.length === 0);

  return {
    async start() {
      await Promise.all(Array.from({ length: workers }, (_, seat) => launch(seat)));
    },
    perform: (work) =>
      new Promise<Done>((resolve, reject) => {
        const { patience } = work;
        const job: Job = {
          ...work,
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
        dispatch();
      }),
    costsOf: (bundle) => costs[bundle] ?? { windowMs: 1, imageMs: 1 },
    get waiting() {
      return queue.length;
    },
    get backlogMs() {
      return queue.costMs / Math.max(1, threads.size);
    },
    get alive() {
      return [...threads.values()].filter(({ hasEnded }) => !hasEnded).length;
    },
    get restarts() {
      return restarts;
    },
    idle: () =>
      new Promise((resolve) => {
        if (queue.length === 0 && isQuiet()) resolve();
        else tellIdle.push(resolve);
      }),
    async close() {
      isClosed = true;
      for (let job = queue.shift(); job; job = queue.shift()) job.reject(new WorkerLost('The server stops.'));
      await Promise.allSettled(Array.from(threads.values(), (thread) => thread.end()));
    },
    async crash() {
      const thread = [...threads.values()].find(({ hasEnded }) => !hasEnded);
      await thread?.end();
      return thread !== undefined;
    },
  };
}
