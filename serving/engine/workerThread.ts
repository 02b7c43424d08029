import { InputError } from '#core/errors.ts';
import { startWorker } from '#node/worker.ts';
import { WorkerLost } from './errors.ts';
import type { Costs, PlainError, Result, Task, TaskMessage, WorkerMessage, WorkerSetup } from './protocol.ts';

export interface WorkerThread {
  /** What a row costs, by the bundle's key. */
  readonly costs: Record<string, Costs>;
  readonly hasEnded: boolean;
  /**
   * Does tasks together, after those that it was given before.
   *
   * @returns of each its result, or the {@link InputError} for files that cannot be used.
   * @throws {WorkerLost}
   */
  perform(tasks: Task[]): Promise<(Result | Error)[]>;
  /** Settles when it has ended. */
  readonly ended: Promise<void>;
  /** Ends it at once; what it works on is lost. */
  end(): Promise<void>;
}

interface Awaited {
  resolve: (results: (Result | Error)[]) => void;
  reject: (error: Error) => void;
}

/**
 * @returns a thread that has loaded its bundles and given their trainers' numbers.
 * @throws {InputError} for a bundle that it refuses.
 */
export async function startWorkerThread(setup: WorkerSetup): Promise<WorkerThread> {
  const thread = startWorker(new URL('./worker.ts', import.meta.url), setup, {
    // What a request leaves is gone with the next: a larger nursery keeps more of it, and gains nothing.
    resourceLimits: { maxYoungGenerationSizeMb: 6 },
  });
  const awaited = new Map<number, Awaited>();
  const { taskSeconds } = setup.limits;
  let hasEnded = false;
  let nextId = 0;
  let start: { resolve: (costs: Record<string, Costs>) => void; reject: (error: Error) => void };
  let watchdog: NodeJS.Timeout | undefined;

  const lose = (message: string, cause?: unknown) => {
    hasEnded = true;
    clearTimeout(watchdog);
    const error = new WorkerLost(message, { cause });
    start.reject(error);
    for (const { reject } of awaited.values()) reject(error);
    awaited.clear();
  };
  /** It does one task after the other: whenever one is done, the next has its time. */
  const watch = () => {
    clearTimeout(watchdog);
    if (awaited.size === 0) return;
    watchdog = setTimeout(() => {
      lose(`The worker was ended because a task took longer than ${taskSeconds} s.`);
      void thread.terminate();
    }, taskSeconds * 1000);
  };

  const started = new Promise<Record<string, Costs>>((resolve, reject) => {
    start = { resolve, reject };
  });
  const ended = new Promise<void>((resolve) => {
    thread.on('exit', (code) => {
      lose(`The worker ended with code ${code}.`);
      resolve();
    });
  });
  thread.on('error', (cause) => lose(`The worker broke down: ${cause.message}`, cause));
  thread.on('message', (message: WorkerMessage) => {
    if ('ready' in message) return start.resolve(message.ready);
    if ('refused' in message) return start.reject(fromPlain(message.refused));
    const asked = awaited.get(message.id);
    awaited.delete(message.id);
    watch();
    asked?.resolve(
      message.outcomes.map((outcome) => ('result' in outcome ? outcome.result : fromPlain(outcome.failed))),
    );
  });

  const costs = await started.catch(async (error) => {
    await thread.terminate();
    throw error;
  });
  return {
    costs,
    get hasEnded() {
      return hasEnded;
    },
    perform(tasks) {
      if (hasEnded) return Promise.reject(new WorkerLost('The worker has ended.'));
      return new Promise((resolve, reject) => {
        const id = nextId++;
        awaited.set(id, { resolve, reject });
        if (awaited.size === 1) watch();
        thread.postMessage({ id, tasks } satisfies TaskMessage);
      });
    },
    ended,
    async end() {
      await thread.terminate();
    },
  };
}

function fromPlain({ message, inputErrorKind, stack }: PlainError): Error {
  if (inputErrorKind) return new InputError(message, inputErrorKind);
  return Object.assign(new Error(message), { stack });
}
