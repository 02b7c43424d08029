import { setTimeout as sleep } from 'node:timers/promises';
import type { Performed, TaskName, Tasks } from '../tasks.ts';
import type { TaskMessage } from './protocol.ts';
import type { WorkerThread } from './workerThread.ts';

export interface PoolOptions {
  workers: number;
  startThread: () => Promise<WorkerThread>;
  /** Told when a worker ended by itself and when it could not be started again. */
  onTrouble: (error: Error) => void;
}

export interface Request<Name extends TaskName> {
  model: string;
  name: Name;
  input: Tasks[Name]['input'];
  /** Of a caller who may lose interest while the task waits. */
  signal: AbortSignal;
}

export type Answered<Name extends TaskName> = Performed<Name> & { timings: { queue: number } };

/** Worker threads behind one queue. */
export interface Pool {
  /** Settles when every worker has started; rejects with the reason why one cannot. */
  start(): Promise<void>;
  /** @throws {InputError} for files that cannot be used, {@link WorkerLost} where the worker ended. */
  perform<Name extends TaskName>(request: Request<Name>): Promise<Answered<Name>>;
  /** Ends all workers; what they work on is lost. */
  close(): Promise<void>;
}

interface Job {
  task: TaskMessage;
  signal: AbortSignal;
  queuedMs: number;
  resolve: (answer: Answered<TaskName>) => void;
  reject: (error: unknown) => void;
}

const restartSeconds = 1;

export function createPool({ workers, startThread, onTrouble }: PoolOptions): Pool {
  const queue: Job[] = [];
  const idle: ((job: Job) => void)[] = [];
  const threads = new Set<Promise<WorkerThread>>();
  let isClosed = false;

  const start = (): Promise<WorkerThread> => {
    const thread = startThread();
    threads.add(thread);
    thread
      .then(({ ended }) => ended)
      .catch(() => {})
      .finally(() => threads.delete(thread));
    return thread;
  };

  /** Takes job after job. A thread that ended is followed by another. */
  const work = async (first: WorkerThread): Promise<void> => {
    for (let thread = first; !isClosed; ) {
      const job = await nextJob();
      if (job.signal.aborted) job.reject(job.signal.reason);
      else if (thread.hasEnded) enqueue(job);
      else await perform(thread, job);
      if (thread.hasEnded) thread = await restart(thread);
    }
  };

  const restart = async (ended: WorkerThread): Promise<WorkerThread> => {
    try {
      return isClosed ? ended : await start();
    } catch (error) {
      onTrouble(error as Error);
      await sleep(restartSeconds * 1000);
      return ended;
    }
  };

  const nextJob = (): Promise<Job> =>
    new Promise((resolve) => {
      const job = queue.shift();
      if (job) resolve(job);
      else idle.push(resolve);
    });

  const enqueue = (job: Job): void => {
    const take = idle.shift();
    if (take) take(job);
    else queue.push(job);
  };

  const perform = async (thread: WorkerThread, { task, queuedMs, resolve, reject }: Job): Promise<void> => {
    const queue = performance.now() - queuedMs;
    try {
      const { answer, timings } = await thread.perform(task);
      resolve({ answer, timings: { queue, ...timings } });
    } catch (error) {
      reject(error);
      if (thread.hasEnded && !isClosed) onTrouble(error as Error);
    }
  };

  return {
    async start() {
      const started = await Promise.all(Array.from({ length: workers }, start));
      for (const thread of started) void work(thread);
    },
    perform: <Name extends TaskName>({ model, name, input, signal }: Request<Name>) =>
      new Promise<Answered<Name>>((resolve, reject) => {
        const task = { model, name, input };
        enqueue({ task, signal, queuedMs: performance.now(), resolve: resolve as Job['resolve'], reject });
      }),
    async close() {
      isClosed = true;
      await Promise.allSettled(Array.from(threads, async (thread) => (await thread).end()));
    },
  };
}
