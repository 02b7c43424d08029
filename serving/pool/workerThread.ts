import { InputError } from '#core/errors.ts';
import { startWorker } from '#node/worker.ts';
import { limits } from '../limits.ts';
import type { Performed, TaskName } from '../tasks.ts';
import type { PlainError, TaskMessage, WorkerMessage, WorkerSetup } from './protocol.ts';

/** The thread ended, or had to be ended, before it answered. Not the caller's mistake. */
export class WorkerLost extends Error {
  override name = 'WorkerLost';
}

export interface WorkerThread {
  /**
   * One task at a time. The files' memory moves to the thread.
   *
   * @throws {InputError} for files that cannot be used, {@link WorkerLost}.
   */
  perform(task: TaskMessage): Promise<Performed<TaskName>>;
  readonly hasEnded: boolean;
  /** Settles when it has ended. */
  ended: Promise<void>;
  end(): Promise<void>;
}

/** @returns a thread that has loaded its bundles and given their trainers' numbers. */
export async function startWorkerThread(setup: WorkerSetup): Promise<WorkerThread> {
  const thread = startWorker(new URL('./worker.ts', import.meta.url), setup);
  let hasEnded = false;
  let awaited: { resolve: (message: WorkerMessage) => void; reject: (error: Error) => void } | undefined;
  const nextMessage = () => {
    return new Promise<WorkerMessage>((resolve, reject) => {
      awaited = { resolve, reject };
    });
  };
  const lose = (message: string, cause?: unknown) => {
    hasEnded = true;
    awaited?.reject(new WorkerLost(message, { cause }));
  };
  thread.on('message', (message: WorkerMessage) => awaited?.resolve(message));
  thread.on('error', (cause) => lose(`The worker broke down: ${cause.message}`, cause));
  const ended = new Promise<void>((resolve) => {
    thread.on('exit', (code) => {
      lose(`The worker ended with code ${code}.`);
      resolve();
    });
  });

  const start = await nextMessage();
  if ('failed' in start) {
    await thread.terminate();
    throw fromPlain(start.failed);
  }
  return {
    async perform(task) {
      if (hasEnded) throw new WorkerLost('The worker has ended.');
      const reply = nextMessage();
      const timer = setTimeout(() => {
        lose(`The worker was ended because it took longer than ${limits.taskSeconds} s.`);
        void thread.terminate();
      }, limits.taskSeconds * 1000);
      try {
        thread.postMessage(task, filesOf(task));
        const message = await reply;
        if ('performed' in message) return message.performed;
        throw fromPlain((message as { failed: PlainError }).failed);
      } finally {
        clearTimeout(timer);
      }
    },
    get hasEnded() {
      return hasEnded;
    },
    ended,
    async end() {
      await thread.terminate();
    },
  };
}

function filesOf({ input }: TaskMessage): ArrayBuffer[] {
  return Object.values(input).flatMap((value) => (value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : []));
}

function fromPlain({ message, inputErrorKind, stack }: PlainError): Error {
  if (inputErrorKind) return new InputError(message, inputErrorKind);
  return Object.assign(new Error(message), { stack });
}
