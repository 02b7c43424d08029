import { patienceMs } from '../delivery/inTime.ts';
import { createStore, type Store } from '../store.ts';
import { text } from '../text.ts';
import type { Engine } from './engine.ts';
import type { AskMessage, Method, WorkerMessage } from './messages.ts';
import type { EngineFacts, OpeningProgress, Shelf } from './open.ts';
import type { EngineSettings, OpenRequest } from './settings.ts';

export type EngineState =
  | { kind: 'opening'; progress: OpeningProgress | null }
  | { kind: 'ready'; facts: EngineFacts }
  | { kind: 'failed'; error: Error };

/**
 * The engine as the page sees it: every method answers later, or throws an Error whose message people can read. Asked when its
 * worker has ended, it starts another.
 */
type Asks = {
  [M in Method]: (...args: Parameters<Engine[M]>) => Promise<Awaited<ReturnType<Engine[M]>>>;
};

interface Waiting {
  message: AskMessage;
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

export interface EngineClient {
  ask: Asks;
  readonly settings: EngineSettings;
  state: Store<EngineState>;
  /** What is served, and the bundle that is opened; null: not known yet. */
  shelf: Store<Shelf | null>;
  /** When nothing has been asked for a moment: for what can wait. */
  idle(): Promise<void>;
  /** Ends the worker and starts another, which is asked what the first has not answered. */
  restart(change?: Partial<EngineSettings>): void;
  /** Before something is tried again: starts anew if it has failed. */
  revive(): void;
  /** The model is there but must not be trusted. */
  refuse(error: Error): void;
  stop(): void;
}

/** How long nothing is asked before it is idle, and how often that is looked at. */
const idleMs = 400;
const idleLooks = 4;

export function startEngine(first: EngineSettings): EngineClient {
  const state = createStore<EngineState>({ kind: 'opening', progress: null });
  const shelf = createStore<Shelf | null>(null);
  const waiting = new Map<number, Waiting>();
  let settings = first;
  let lastId = 0;
  let worker: Worker | null = start();

  function start(): Worker {
    const started = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    const died = (reason: string) => {
      if (started !== worker) return;
      started.terminate();
      worker = null;
      const error = new Error(text.workerStopped(reason));
      state.set({ kind: 'failed', error });
      abandon(error);
    };
    const late = setTimeout(() => died(text.workerMissing), patienceMs);
    started.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      clearTimeout(late);
      if ('lifeline' in data) navigator.locks.request(data.lifeline, () => died(text.workerEnded)).catch(() => {});
      else if ('progress' in data) {
        if (state.value.kind === 'opening') state.set({ kind: 'opening', progress: data.progress });
      } else if ('shelf' in data) shelf.set(data.shelf);
      else if ('facts' in data) state.set({ kind: 'ready', facts: data.facts });
      else if ('failure' in data) state.set({ kind: 'failed', error: new Error(data.failure) });
      else {
        const asked = waiting.get(data.id);
        waiting.delete(data.id);
        if ('error' in data) asked?.reject(new Error(data.error));
        else asked?.resolve(data.result);
      }
    };
    started.onerror = (event) => {
      event.preventDefault();
      died(event.message ?? text.workerMissing);
    };
    started.postMessage({ ...settings, base: new URL('.', document.baseURI).href } satisfies OpenRequest);
    return started;
  }

  function abandon(error: Error) {
    const abandoned = [...waiting.values()];
    waiting.clear();
    for (const { reject } of abandoned) reject(error);
  }

  async function idle() {
    let quiet = 0;
    while (quiet < idleLooks) {
      await new Promise((resolve) => setTimeout(resolve, idleMs / idleLooks));
      quiet = waiting.size === 0 && state.value.kind === 'ready' ? quiet + 1 : 0;
    }
  }

  const ask =
    (method: Method) =>
    (...args: unknown[]) =>
      new Promise<unknown>((resolve, reject) => {
        const message = { id: ++lastId, method, args };
        waiting.set(message.id, { message, resolve, reject });
        if (worker) worker.postMessage(message);
        else restart();
      });

  function restart(change: Partial<EngineSettings> = {}) {
    worker?.terminate();
    settings = { ...settings, ...change };
    state.set({ kind: 'opening', progress: null });
    worker = start();
    for (const { message } of waiting.values()) worker?.postMessage(message);
  }

  return {
    ask: new Proxy({} as Asks, { get: (_, method) => ask(method as Method) }),
    get settings() {
      return settings;
    },
    state,
    shelf,
    idle,
    restart,
    revive() {
      if (state.value.kind === 'failed') restart();
    },
    refuse: (error) => state.set({ kind: 'failed', error }),
    stop() {
      worker?.terminate();
      abandon(new Error(text.stopped));
    },
  };
}
