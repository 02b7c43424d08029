import type { Stroke } from './picture/digit.ts';
import { createStore, type Store } from './store.ts';

/** Where something that was chosen comes from, so that a link can restore it. */
export type Source =
  | { kind: 'sample'; file: string }
  | { kind: 'strokes'; strokes: readonly Stroke[] }
  /** The visitor's own file or photo. */
  | { kind: 'own' }
  /** From the microphone. */
  | { kind: 'heard' };

type Watched<T> = Pick<Store<T>, 'value' | 'watch'>;

/** What is known of something before it is there. */
export type Coming<T extends About> = About & Partial<T>;

interface About {
  title: string;
  source: Source;
}

export interface Choice<T extends About> {
  about: Coming<T>;
  /** Fetches, reads or records it. */
  come: () => Promise<T>;
  /** Is told when it is there, before others are. */
  arrive?: (value: T) => void;
}

/** The picture, or the sound, that is chosen: what was asked for last, whatever comes first. */
export interface Chosen<T extends About> extends Store<T | null> {
  /** What is on its way; null: nothing. */
  coming: Watched<Coming<T> | null>;
  /** Why what was asked for last did not come; null: it did, or it may. */
  failure: Watched<Error | null>;
  take(choice: Choice<T>): Promise<void>;
  /** Takes what was asked for last once more. */
  again(): void;
  /** @returns what is chosen, when nothing is on its way any more. @throws {Error} where nothing is, why it did not come. */
  settled(): Promise<T | null>;
}

export function createChosen<T extends About>(): Chosen<T> {
  const store = createStore<T | null>(null);
  const coming = createStore<Coming<T> | null>(null);
  const failure = createStore<Error | null>(null);
  let last: Choice<T> | null = null;
  let running: Promise<void> | null = null;

  function end(): void {
    running = null;
    if (coming.value) coming.set(null);
  }

  async function run(choice: Choice<T>): Promise<void> {
    try {
      const value = await choice.come();
      if (last !== choice) return;
      choice.arrive?.(value);
      store.set(value);
    } catch (error) {
      if (last !== choice) return;
      failure.set(error as Error);
    }
    end();
  }

  function take(choice: Choice<T>): Promise<void> {
    const own = { ...choice }; // taken again it is another
    last = own;
    failure.set(null);
    coming.set(own.about);
    running = Promise.resolve().then(() => run(own));
    return running;
  }

  return {
    get value() {
      return store.value;
    },
    watch: store.watch,
    set(value) {
      last = null;
      failure.set(null);
      store.set(value);
      end();
    },
    coming,
    failure,
    take,
    again: () => last && take(last),
    async settled() {
      while (running) await running;
      if (!store.value && failure.value) throw failure.value;
      return store.value;
    },
  };
}
