import { createControl } from '../../../serving/control.ts';
import { Engine } from '../../../serving/engine/engine.ts';
import { defaultLimits, type Limits } from '../../../serving/engine/limits.ts';
import { readModels } from '../../../serving/engine/models.ts';
import { startFleet } from '../../../serving/engine/startFleet.ts';
import { type BodyBudgetOptions, createBodyBudget } from '../../../serving/http/admission.ts';
import { createApp } from '../../../serving/http/app.ts';
import { createCallerAddress } from '../../../serving/http/callerAddress.ts';
import { createOipService } from '../../../serving/oip/service.ts';
import type { ApiKeys } from '../../../serving/ops/keys.ts';
import { createMetrics } from '../../../serving/ops/metrics.ts';
import type { RateLimit } from '../../../serving/ops/rateLimit.ts';

export interface TestApp {
  /** As `fetch`, without a socket. */
  fetch: (path: string, init?: RequestInit) => Promise<Response>;
  app: ReturnType<typeof createApp>;
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
  modelControl?: boolean;
  corsOrigins?: string[];
  keys?: ApiKeys;
  rateLimit?: RateLimit;
  trustedProxies?: string[];
  onTrouble?: (error: unknown, requestId?: string) => void;
}

/** The server's app on real bundles and a real worker thread, in this process. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { bundles = ['models/digits'], cacheBytes = 0, pageFolder = 'web-demo/dist', workers = 1 } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const models = await readModels({ folders: bundles });
  const { onTrouble = (error: unknown) => console.error(error) } = options;
  const plan = { workers, threads: 1 };
  const fleet = await startFleet({ models, plan, provider: 'cpu', limits, onTrouble });
  const metrics = createMetrics(() => ({ engine, bodies, connections: () => 0 }));
  const engine = new Engine({ limits, cacheBytes, observe: metrics.engine });
  engine.swap({ models, fleet });
  const budget = { maxBytes: 25e6, totalBytes: 256e6, graceSeconds: 10, minBytesPerSecond: 16_384, ...options.bodies };
  const bodies = createBodyBudget(budget);
  const control = createControl({
    engine,
    read: () => readModels({ folders: bundles }),
    startFleet: (models) => startFleet({ models, plan, provider: 'cpu', limits, onTrouble }),
  });
  const oip = createOipService({ engine, version: '0', control: options.modelControl ? control : null });
  const app = createApp({
    engine,
    oip,
    limits,
    bodies,
    timeoutMs: 30_000,
    pageFolder,
    version: '0',
    onTrouble,
    runtime: { provider: 'cpu', reason: null, ...plan },
    control: options.modelControl ? control : null,
    corsOrigins: options.corsOrigins ?? [],
    metrics,
    keys: options.keys ?? null,
    rateLimit: options.rateLimit ?? null,
    callerAddress: createCallerAddress(options.trustedProxies ?? []),
  });
  return {
    fetch: async (path, init) => app.request(path, init),
    app,
    engine,
    stop: () => engine.generation.fleet.close(),
  };
}
