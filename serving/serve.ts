import { setTimeout as sleep } from 'node:timers/promises';
import { Engine } from './engine/engine.ts';
import type { Limits } from './engine/limits.ts';
import { readModels } from './engine/models.ts';
import type { Plan } from './engine/plan.ts';
import { startFleet } from './engine/startFleet.ts';
import { createBodyBudget } from './http/admission.ts';
import { createApp } from './http/app.ts';
import { createHttpServer } from './http/server.ts';

export interface ServeOptions {
  /** Bundle folders; the first is the default model. */
  bundles: string[];
  host: string;
  /** 0: any free one. */
  port: number;
  /** The built web demo. */
  pageFolder: string;
  plan: Plan;
  limits: Limits;
  cacheBytes: number;
  version: string;
  /** What went wrong without being any request's fault. */
  onTrouble: (error: unknown) => void;
}

export interface Serving {
  url: string;
  models: string[];
  /** Finishes what it has, then ends. */
  stop(): Promise<void>;
}

const drainSeconds = 30;

/** @returns when questions are answered; the port is taken, and `/healthz` answers, before the models are loaded. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { bundles, host, port, plan, limits, cacheBytes, onTrouble } = options;
  const models = await readModels({ folders: bundles });
  const engine = new Engine({ limits, cacheBytes });
  const bodies = createBodyBudget({ maxBytes: 25e6, totalBytes: 256e6, graceSeconds: 10, minBytesPerSecond: 16_384 });
  const app = createApp({ ...options, engine, bodies, timeoutMs: 30_000 });
  const server = createHttpServer({
    fetch: app.fetch,
    idleSeconds: 75,
    headerSeconds: 10,
    requestSeconds: 300,
    maxConnections: 10_000,
  });
  const url = await server.listen({ host, port });
  try {
    engine.swap({ models, fleet: await startFleet({ models, plan, provider: 'cpu', limits, onTrouble }) });
  } catch (error) {
    await server.drain(0);
    throw error;
  }
  return {
    url,
    models: [...models.keys()],
    async stop() {
      engine.state = 'draining';
      await Promise.race([
        Promise.all([engine.idle(), server.drain(drainSeconds)]),
        sleep(drainSeconds * 1000, undefined, { ref: false }),
      ]);
      await engine.generation.fleet.close();
    },
  };
}
