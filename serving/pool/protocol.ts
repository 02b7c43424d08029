import type { InputErrorKind } from '#core/errors.ts';
import type { Performed, TaskName, Tasks } from '../tasks.ts';

/** What a worker is started with. */
export interface WorkerSetup {
  /** Bundle folders by the model's name. */
  folders: Record<string, string>;
  /** Threads that one graph runs on. */
  threads: number;
}

/** To a worker, one at a time. */
export interface TaskMessage<Name extends TaskName = TaskName> {
  model: string;
  name: Name;
  input: Tasks[Name]['input'];
}

/** From a worker: once that it is ready or why it cannot be, then one for each task. */
export type WorkerMessage = { ready: true } | { performed: Performed<TaskName> } | { failed: PlainError };

/** An error as it passes between threads, which keep the class of none. */
export interface PlainError {
  message: string;
  /** Where it is the caller's mistake. */
  inputErrorKind?: InputErrorKind;
  /** Where it is ours. */
  stack?: string | undefined;
}
