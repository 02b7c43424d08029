import { InputError } from '#core/errors.ts';
import type { Engine } from './engine/engine.ts';
import type { Fleet } from './engine/fleet.ts';
import { findBundles, type Models } from './engine/models.ts';

export interface ControlOptions {
  engine: Engine;
  /** Bundles that were named. */
  folders: string[];
  /** A folder of bundles, looked through again at each reload. */
  modelsFolder?: string | undefined;
  read: (folders: string[]) => Promise<Models>;
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
  const { engine, folders, modelsFolder, read, startFleet, onReload } = options;
  const unloaded = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();

  const allFolders = async () => [...new Set([...folders, ...(modelsFolder ? await findBundles(modelsFolder) : [])])];
  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const turn = last.then(change, change);
    last = turn.catch(() => {});
    return turn;
  };
  /** Loaded, warmed and checked beside the old ones; then swapped; the old ones finish what they have and end. */
  const apply = async (): Promise<string[]> => {
    try {
      const all = await read(await allFolders());
      const models = new Map([...all].filter(([name]) => !unloaded.has(name)));
      const old = engine.swap({ models, fleet: await startFleet(models) });
      onReload?.('done');
      if (old) void engine.retired(old).then(() => old.fleet.close());
      return [...models.keys()];
    } catch (error) {
      onReload?.('refused');
      throw error;
    }
  };

  return {
    reload: () => inTurn(apply),
    load: (name) =>
      inTurn(async () => {
        const all = await read(await allFolders());
        if (!all.has(name)) {
          throw new InputError(
            `There is no model "${name}" to load; there is ${[...all.keys()].join(', ')}.`,
            'not_found',
          );
        }
        const was = unloaded.delete(name);
        await apply().catch((error) => {
          if (was) unloaded.add(name);
          throw error;
        });
      }),
    unload: (name) =>
      inTurn(async () => {
        if (!engine.models.has(name)) throw new InputError(`There is no model "${name}" to unload.`, 'not_found');
        if (engine.models.size === 1) throw new InputError(`"${name}" is the last model; stop the server instead.`);
        unloaded.add(name);
        await apply();
      }),
    async index() {
      const all = await read(await allFolders());
      return [...all.keys()].map((name) => ({ name, isServed: engine.models.has(name) }));
    },
  };
}
