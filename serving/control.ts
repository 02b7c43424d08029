import { InputError } from '#core/errors.ts';
import type { Engine } from './engine/engine.ts';
import type { Fleet } from './engine/fleet.ts';
import type { Models } from './engine/models.ts';

export interface ControlOptions {
  engine: Engine;
  /** Looks for the bundles again, and reads what they say of themselves. */
  read: () => Promise<Models>;
  startFleet: (models: Models) => Promise<Fleet>;
  onReload?: ((outcome: 'done' | 'refused') => void) | undefined;
}

/** Which models are served, changed while serving. One change at a time; a refused one leaves all as it was. */
export interface Control {
  /** Reads all bundles anew, and puts new workers in the place of the old. */
  reload(): Promise<string[]>;
  /** Serves the model (again), from the folder that holds it. */
  load(name: string): Promise<void>;
  unload(name: string): Promise<void>;
  /** All that there are, served or not. */
  index(): Promise<{ name: string; isServed: boolean }[]>;
}

export function createControl(options: ControlOptions): Control {
  const { engine, read, startFleet, onReload } = options;
  let unloaded: ReadonlySet<string> = new Set();
  let last: Promise<unknown> = Promise.resolve();
  /** That has not begun: whoever asks meanwhile asks for the same. */
  let nextReload: Promise<string[]> | null = null;

  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const turn = last.then(change, change);
    last = turn.catch(() => {});
    return turn;
  };
  /** Loaded, warmed and checked beside the old ones; then swapped; the old ones finish what they have and end. */
  const serveAllBut = async (leftOut: ReadonlySet<string>): Promise<string[]> => {
    try {
      const all = await read();
      const models = new Map([...all].filter(([name]) => !leftOut.has(name)));
      if (models.size === 0) {
        throw new InputError(
          `Of the models that there are (${[...all.keys()].join(', ')}) each was unloaded. Load one.`,
        );
      }
      const old = engine.swap({ models, fleet: await startFleet(models) });
      unloaded = leftOut;
      onReload?.('done');
      if (old) void engine.retired(old).then(() => old.fleet.close());
      return [...models.keys()];
    } catch (error) {
      onReload?.('refused');
      throw error;
    }
  };

  return {
    reload: () => {
      nextReload ??= inTurn(() => {
        nextReload = null;
        return serveAllBut(unloaded);
      });
      return nextReload;
    },
    load: (name) =>
      inTurn(async () => {
        const all = await read();
        if (!all.has(name)) {
          throw new InputError(
            `There is no model "${name}" to load; there is ${[...all.keys()].join(', ')}.`,
            'not_found',
          );
        }
        await serveAllBut(new Set([...unloaded].filter((other) => other !== name)));
      }),
    unload: (name) =>
      inTurn(async () => {
        if (!engine.models.has(name)) throw new InputError(`There is no model "${name}" to unload.`, 'not_found');
        if (engine.models.size === 1) throw new InputError(`"${name}" is the last model; stop the server instead.`);
        await serveAllBut(new Set([...unloaded, name]));
      }),
    async index() {
      const all = await read();
      return [...all.keys()].map((name) => ({ name, isServed: engine.models.has(name) }));
    },
  };
}
