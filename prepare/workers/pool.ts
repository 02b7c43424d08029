import type { Worker } from 'node:worker_threads';
import { startWorker } from '#node/worker.ts';
import type { Item } from '../kinds/kind.ts';
import type { Prepared, WorkerSetup } from './protocol.ts';

/** Worker threads behind one queue. */
export interface Pool {
  /** Rejects only where threads cannot be started: what is wrong with an item is in the answer. */
  prepare(item: Item): Promise<Prepared>;
  close(): Promise<void>;
}

interface Job {
  item: Item;
  answer: (prepared: Prepared) => void;
  fail: (error: Error) => void;
}

/** An hour of video takes a part of it; a decoder that has lost its way would take for ever. */
const longestMinutes = 60;

export function startPool(workers: number, setup: WorkerSetup): Pool {
  const queue: Job[] = [];
  const threads = new Set<Worker>();
  const idle: Worker[] = [];
  const current = new Map<Worker, Job & { timer: NodeJS.Timeout }>();
  let isClosed = false;
  let failure: Error | null = null;

  const next = (thread: Worker) => {
    const job = queue.shift();
    if (!job) {
      idle.push(thread);
      return;
    }
    const timer = setTimeout(() => thread.terminate(), longestMinutes * 60_000);
    current.set(thread, { ...job, timer });
    thread.postMessage(job.item);
  };

  const start = () => {
    const thread = startWorker(new URL('./worker.ts', import.meta.url), setup);
    threads.add(thread);
    let reason = `it ended, or took more than ${longestMinutes} minutes`;
    const finish = (prepared: Prepared) => {
      const job = current.get(thread);
      clearTimeout(job?.timer);
      job?.answer(prepared);
      current.delete(thread);
    };
    thread.on('message', (prepared: Prepared) => {
      finish(prepared);
      next(thread);
    });
    thread.on('error', (error) => {
      reason = error.message;
    });
    thread.on('exit', () => {
      threads.delete(thread);
      const job = current.get(thread);
      if (isClosed) return;
      if (!job) {
        failure = new Error(`The worker threads cannot go on: ${reason}.`);
        for (const waiting of queue.splice(0)) waiting.fail(failure);
        return;
      }
      // An item that its decoder cannot survive is left out like any other, and another thread takes the place.
      start();
      finish({
        clips: [],
        skipped: [{ file: job.item.id, reason: `Its decoder broke down: ${reason}`, broken: true }],
      });
    });
    next(thread);
  };
  for (let i = 0; i < workers; i++) start();

  return {
    prepare: (item) =>
      new Promise((answer, fail) => {
        if (failure) return fail(failure);
        queue.push({ item, answer, fail });
        const thread = idle.shift();
        if (thread) next(thread);
      }),
    async close() {
      isClosed = true;
      for (const { timer } of current.values()) clearTimeout(timer);
      await Promise.all(Array.from(threads, (thread) => thread.terminate()));
    },
  };
}
