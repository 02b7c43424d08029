import { InputError } from '#core/errors.ts';
import { cacheFolder } from '#node/cacheFolder.ts';
import { startChild } from '#node/child.ts';
import { cudaEnvironment } from '#node/onnxRuntimeCuda.ts';
import { WorkerLost } from './errors.ts';
import { sendFiles, withoutLargeFiles } from './largeFiles.ts';
import type { Costs, PlainError, Result, Task, TaskMessage, WorkerMessage, WorkerSetup } from './protocol.ts';

export interface WorkerProcess {
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

/** A time-out that is told of so much too late was told to a process that stood still. */
const lateMs = 1000;

/**
 * A process and not a thread: what a decoder or ONNX Runtime breaks, or what has to be ended in the middle of a run, takes nothing else
 * with it (a thread that is ended inside ONNX Runtime aborts its process), and its memory goes back with it.
 *
 * @returns a process that has loaded its bundles and given their trainers' numbers.
 * @throws {InputError} for a bundle that it refuses.
 */
export async function startWorkerProcess(setup: WorkerSetup): Promise<WorkerProcess> {
  const env = setup.provider === 'cuda' ? cudaEnvironment(cacheFolder()) : undefined;
  const { child, pipe } = startChild(new URL('./worker.ts', import.meta.url), { env });
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
  /** It does one message after the other: whenever one is done, the next has its time. */
  const watch = () => {
    clearTimeout(watchdog);
    if (awaited.size === 0) return;
    const dueMs = performance.now() + taskSeconds * 1000;
    watchdog = setTimeout(() => {
      // Who was stopped himself (a frozen container, a debugger) cannot say that his workers took so long.
      if (performance.now() - dueMs > lateMs) return watch();
      lose(`The worker was ended because a task took longer than ${taskSeconds} s.`);
      child.kill('SIGKILL');
    }, taskSeconds * 1000);
  };

  const started = new Promise<Record<string, Costs>>((resolve, reject) => {
    start = { resolve, reject };
  });
  const ended = new Promise<void>((resolve) => {
    child.on('exit', (code, signal) => {
      lose(`The worker ended with ${signal ?? `code ${code}`}.`);
      resolve();
    });
    if (child.pid === undefined) child.once('error', () => resolve()); // it never was: no exit follows
  });
  child.on('error', (cause) => {
    lose(`The worker broke down: ${cause.message}`, cause);
    child.kill('SIGKILL');
  });
  child.on('message', (message: WorkerMessage) => {
    if ('ready' in message) return start.resolve(message.ready);
    if ('refused' in message) return start.reject(fromPlain(message.refused));
    const asked = awaited.get(message.id);
    awaited.delete(message.id);
    watch();
    asked?.resolve(message.outcomes.map((outcome) => ('failed' in outcome ? fromPlain(outcome.failed) : outcome)));
  });
  child.send(setup);

  const end = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const costs = await started.catch(async (error) => {
    await end();
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
        // Where it ends meanwhile, its exit says so.
        const { files, ...parts } = withoutLargeFiles(tasks);
        child.send({ id, ...parts } satisfies TaskMessage, () => {});
        sendFiles(pipe, files);
      });
    },
    ended,
    end,
  };
}

function fromPlain({ message, inputErrorKind, stack }: PlainError): Error {
  if (inputErrorKind) return new InputError(message, inputErrorKind);
  return Object.assign(new Error(message), { stack });
}
