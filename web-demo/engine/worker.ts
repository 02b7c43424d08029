import { InputError } from '#core/errors.ts';
import { text } from '../text.ts';
import { createEngine, type Engine } from './engine.ts';
import type { AskMessage, WorkerMessage } from './messages.ts';
import { isMissingPart } from './missingPart.ts';
import { openModel } from './open.ts';
import type { OpenRequest } from './settings.ts';

const answer = (message: WorkerMessage) => postMessage(message);

let engine: Promise<Engine>;

const lifeline = `clapper worker ${Date.now()} ${Math.random()}`;
// There are no locks over plain HTTP from another machine, nor where the browser lets the page keep nothing.
const locks = self.navigator.locks as LockManager | undefined;
locks
  ?.request(lifeline, () => {
    answer({ lifeline });
    return new Promise(() => {});
  })
  .catch(() => {});

self.onmessage = ({ data }: MessageEvent<OpenRequest | AskMessage>) => {
  if ('base' in data) engine = open(data);
  else reply(data);
};

async function open(settings: OpenRequest): Promise<Engine> {
  const fail = (error: Error) => {
    if (!(error instanceof InputError)) console.error(error);
    answer({ failure: isMissingPart(error) ? text.noPart(text.running) : error.message });
  };
  const opening = openModel(settings, {
    onProgress: (progress) => answer({ progress }),
    onShelf: (shelf) => answer({ shelf }),
    onLost: fail,
  });
  const engine = opening.then(createEngine);
  engine.catch(fail);
  opening.then(({ model }) => model.then(({ facts }) => answer({ facts }), fail)).catch(() => {});
  return engine;
}

async function reply({ id, method, args }: AskMessage): Promise<void> {
  try {
    const ask = (await engine)[method] as (...args: unknown[]) => unknown;
    answer({ id, result: await ask(...args) });
  } catch (error) {
    if (!(error instanceof InputError)) console.error(error);
    answer({ id, error: (error as Error).message });
  }
}
