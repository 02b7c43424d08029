import { InputError } from '#core/errors.ts';
import { type Engine, openEngine } from './engine.ts';
import type { AskMessage, OpenMessage, WorkerMessage } from './messages.ts';

const answer = (message: WorkerMessage) => postMessage(message);

let engine: Promise<Engine>;
let previous: Promise<void> = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<OpenMessage | AskMessage>) => {
  if ('server' in data) {
    engine = openEngine({ ...data, onProgress: (progress) => answer({ progress }) });
    engine.catch(() => {}); // whoever asks is told
  } else {
    previous = previous.then(() => reply(data)); // one after the other: a session runs once at a time
  }
};

async function reply({ id, method, args }: AskMessage): Promise<void> {
  try {
    const ask = (await engine)[method] as (...args: unknown[]) => unknown;
    answer({ id, result: await ask(...args) });
  } catch (error) {
    if (!(error instanceof InputError)) console.error(error);
    answer({ id, error: (error as Error).message });
  }
}
