import type { Engine, OpeningProgress } from './engine.ts';
import type { AskMessage, Method, WorkerMessage } from './messages.ts';

/** The engine as the page sees it: every method answers later, or throws an Error whose message people can read. */
export type EngineClient = {
  [M in Method]: (...args: Parameters<Engine[M]>) => Promise<Awaited<ReturnType<Engine[M]>>>;
};

/** Starts the worker and has it open the bundle; asking before it is open waits. */
export function startEngine({
  server,
  onProgress,
}: {
  server: string;
  onProgress: (progress: OpeningProgress) => void;
}): EngineClient {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let lastId = 0;

  worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
    if ('progress' in data) return onProgress(data.progress);
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if ('error' in data) asked?.reject(new Error(data.error));
    else asked?.resolve(data.result);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    const error = new Error(
      `The part of the page that runs the model stopped: ${event.message ?? 'it did not load'}. Reload the page.`,
    );
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };

  worker.postMessage({ server });
  const ask =
    (method: Method) =>
    (...args: unknown[]) =>
      new Promise<unknown>((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, method, args } satisfies AskMessage);
      });
  return new Proxy({} as EngineClient, { get: (_, method) => ask(method as Method) });
}
