import { type Batching, createFleet, type Fleet } from './fleet.ts';
import type { Limits } from './limits.ts';
import { bundlesToLoad, type Models } from './models.ts';
import type { Plan } from './plan.ts';
import type { Provider } from './protocol.ts';
import { startWorkerProcess } from './workerProcess.ts';

export interface FleetSetup {
  models: Models;
  plan: Plan;
  provider: Provider;
  limits: Limits;
  batching?: Batching | undefined;
  onTrouble: (error: Error) => void;
  onRestart?: (() => void) | undefined;
  onBatch?: ((tasks: number) => void) | undefined;
}

/**
 * @returns workers that have loaded the bundles and given their trainers' numbers again.
 * @throws {InputError} for a bundle that is refused; none of its workers is left.
 */
export async function startFleet({ models, plan, provider, limits, batching, ...told }: FleetSetup): Promise<Fleet> {
  const setup = { bundles: bundlesToLoad(models), threads: plan.threads, provider, limits };
  const startWorker = () => startWorkerProcess(setup);
  const fleet = createFleet({ workers: plan.workers, startWorker, ...(batching && { batching }), ...told });
  try {
    await fleet.start();
  } catch (error) {
    await fleet.close();
    throw error;
  }
  return fleet;
}
