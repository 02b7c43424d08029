import { Engine } from '../../../serving/engine/engine.ts';
import { defaultLimits, type Limits } from '../../../serving/engine/limits.ts';
import { readModels } from '../../../serving/engine/models.ts';
import { startFleet } from '../../../serving/engine/startFleet.ts';
import { type BodyBudgetOptions, createBodyBudget } from '../../../serving/http/admission.ts';
import { createApp } from '../../../serving/http/app.ts';

export interface TestApp {
  /** As `fetch`, without a socket. */
  fetch: (path: string, init?: RequestInit) => Promise<Response>;
  engine: Engine;
  stop: () => Promise<void>;
}

export interface TestAppOptions {
  bundles?: string[];
  limits?: Partial<Limits>;
  bodies?: Partial<BodyBudgetOptions>;
  cacheBytes?: number;
  pageFolder?: string;
  workers?: number;
}

/** The server's app on real bundles and a real worker thread, in this process. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { bundles = ['models/digits'], cacheBytes = 0, pageFolder = 'web-demo/dist', workers = 1 } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const models = await readModels({ folders: bundles });
  const onTrouble = (error: unknown) => console.error(error);
  const plan = { workers, threads: 1 };
  const fleet = await startFleet({ models, plan, provider: 'cpu', limits, onTrouble });
  const engine = new Engine({ limits, cacheBytes });
  engine.swap({ models, fleet });
  const budget = { maxBytes: 25e6, totalBytes: 256e6, graceSeconds: 10, minBytesPerSecond: 16_384, ...options.bodies };
  const bodies = createBodyBudget(budget);
  const app = createApp({ engine, limits, bodies, timeoutMs: 30_000, pageFolder, version: '0', onTrouble });
  return { fetch: async (path, init) => app.request(path, init), engine, stop: () => fleet.close() };
}
