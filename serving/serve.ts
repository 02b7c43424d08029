import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { InputError } from '#core/errors.ts';
import { createControl } from './control.ts';
import { Engine } from './engine/engine.ts';
import { type Batching, gpuBatching, processorBatching } from './engine/fleet.ts';
import type { Limits } from './engine/limits.ts';
import { bundleFolders, type Models, readModels } from './engine/models.ts';
import { planThreads } from './engine/plan.ts';
import { type ChosenProvider, chooseProvider } from './engine/provider.ts';
import { startFleet } from './engine/startFleet.ts';
import { createBodyBudget } from './http/admission.ts';
import { createApp } from './http/app.ts';
import { createCallerAddress } from './http/callerAddress.ts';
import { type AnsweredRequest, createHttpServer } from './http/server.ts';
import { createOipService } from './oip/service.ts';
import { openApiKeys } from './ops/keys.ts';
import { errorFields, type Log } from './ops/log.ts';
import { createMetrics } from './ops/metrics.ts';
import { createRateLimit } from './ops/rateLimit.ts';
import type { Traces } from './ops/traces.ts';
import { expectConsistent, type Settings } from './settings.ts';

export interface Serving {
  url: string;
  models: string[];
  /** @returns bytes of bodies that are received or worked on. */
  heldBytes(): number;
  /** Reads the API keys and the bundles anew; of what is refused that before stays. */
  reload(): Promise<void>;
  /** Finishes what it has, then ends. */
  stop(): Promise<void>;
}

export interface ServeDependencies {
  log: Log;
  version: string;
  /** null: nobody collects them. */
  traces: Traces | null;
}

/** @returns when questions are answered; the port is taken, and `/healthz` answers, before the models are loaded. */
export async function serve(settings: Settings, { log, version, traces }: ServeDependencies): Promise<Serving> {
  expectConsistent(settings);
  const read = async () => readModels({ folders: await bundleFolders(settings), variants: settings.variants });
  const models = await read();
  const timeoutMs = settings.requestTimeoutSeconds * 1000;
  const maxBytes = settings.maxBodyMb * 1e6;
  const limits = limitsOf(settings);
  const plan = planThreads(availableParallelism(), settings);
  const keys = settings.apiKeys === undefined ? null : await openApiKeys(settings.apiKeys);
  const chosen = await chooseProvider(settings.device);
  const metrics = createMetrics(() => ({ engine, bodies, connections: () => server.connections }));
  const onTrouble = (error: unknown, id?: string) =>
    log.error('something broke', { ...(id !== undefined && { id }), ...errorFields(error) });
  const batching = batchingOf(settings, chosen);
  const startWith = (models: Models) => {
    const told = { onTrouble, onRestart: metrics.restart, onBatch: metrics.batch };
    return startFleet({ models, plan, provider: chosen.provider, limits, batching, ...told });
  };

  const engine = new Engine({ limits, cacheBytes: settings.embeddingCacheMb * 1e6, observe: metrics.engine });
  const bodies = createBodyBudget({
    maxBytes,
    totalBytes: settings.maxHeldMb * 1e6,
    graceSeconds: settings.uploadGraceSeconds,
    minBytesPerSecond: settings.minUploadBytesPerSecond,
  });
  const control = createControl({ engine, read, startFleet: startWith, onReload: metrics.reload });
  const oip = createOipService({ engine, version, control: settings.modelControl ? control : null });
  const rateLimit = settings.rateLimitPerMinute === undefined ? null : createRateLimit(settings.rateLimitPerMinute);
  const access = { keys, rateLimit, callerAddress: createCallerAddress(settings.trustedProxies ?? []) };
  const app = createApp({
    engine,
    oip,
    limits,
    bodies,
    timeoutMs,
    pageFolder: pageFolderOf(settings),
    version,
    runtime: { ...chosen, ...plan },
    control: settings.modelControl ? control : null,
    ...access,
    corsOrigins: settings.corsOrigins ?? [],
    metrics,
    onTrouble,
  });
  const onRequest = (request: AnsweredRequest) => {
    metrics.request(request);
    traces?.request(request);
    if (settings.logRequests || request.status >= 500) {
      const { status, seconds, ...rest } = request;
      log[status >= 500 ? 'warn' : 'info']('request', { ...rest, status, milliseconds: Math.round(seconds * 1000) });
    }
  };
  const server = createHttpServer({
    fetch: app.fetch,
    idleSeconds: settings.idleTimeoutSeconds,
    headerSeconds: settings.headerTimeoutSeconds,
    requestSeconds: settings.headerTimeoutSeconds + slowestBodySeconds(settings),
    maxConnections: settings.maxConnections,
    onRequest,
  });

  const { createGrpcServer } =
    settings.grpcPort === undefined ? { createGrpcServer: null } : await import('./grpc/server.ts');
  const grpc = createGrpcServer?.({
    oip,
    access,
    bodies,
    idleSeconds: settings.idleTimeoutSeconds,
    onRequest,
    timeoutMs,
    onTrouble,
  });
  const url = await server.listen(settings);
  try {
    const port = await grpc?.listen({ host: settings.host, port: settings.grpcPort as number });
    if (port !== undefined) log.info('serving gRPC', { port });
    engine.swap({ models, fleet: await startWith(models) });
  } catch (error) {
    await Promise.all([server.drain(0), grpc?.drain(0)]);
    throw error;
  }
  log.info('serving', { url, models: [...models.keys()], ...plan, ...chosen, batching, version });
  return {
    url,
    models: [...models.keys()],
    heldBytes: () => bodies.heldBytes,
    async reload() {
      await keys?.readAnew().catch((error) => log.error('API keys refused; those before stay', errorFields(error)));
      try {
        log.info('reloaded', { models: await control.reload() });
      } catch (error) {
        log.error('reload refused; the models before stay', errorFields(error));
      }
    },
    async stop() {
      engine.state = 'draining';
      await sleep(settings.drainDelaySeconds * 1000);
      const { drainSeconds } = settings;
      const drained = Promise.all([engine.idle(), server.drain(drainSeconds), grpc?.drain(drainSeconds)]);
      await Promise.race([drained, sleep(drainSeconds * 1000, undefined, { ref: false })]);
      await engine.generation.fleet.close();
      const sent = traces
        ?.flush()
        .catch((error) => log.warn('traces are not sent', { error: (error as Error).message }));
      await Promise.race([sent, sleep(lastSpansMs, undefined, { ref: false })]);
    },
  };
}

/** A collector that does not answer holds the end no longer. */
const lastSpansMs = 2000;

/** @throws {InputError} for a folder named that holds no page; the default one may be built later. */
function pageFolderOf({ page }: Settings): string {
  if (page === undefined) return fileURLToPath(new URL('../web-demo/dist', import.meta.url));
  if (existsSync(join(page, 'index.html'))) return page;
  throw new InputError(
    `Expected a built page in ${page} but there is no index.html. Build it with: npm run build`,
    'not_found',
  );
}

/** That the largest body may take, by the slowest rate at which one is read. */
function slowestBodySeconds({ maxBodyMb, minUploadBytesPerSecond, uploadGraceSeconds }: Settings): number {
  return uploadGraceSeconds + (maxBodyMb * 1e6) / minUploadBytesPerSecond;
}

export function limitsOf(settings: Settings): Limits {
  return {
    audioSeconds: settings.maxAudioSeconds,
    imagePixels: wholePixels(settings.maxImageMegapixels * 1e6),
    windows: settings.maxWindows,
    filesPerRequest: settings.maxFiles,
    queueItems: settings.queueItems,
    taskSeconds: settings.taskTimeoutSeconds,
  };
}

/** sharp takes whole numbers alone, and 0 for no limit; 4.1 million are none by the processor's arithmetic. */
function wholePixels(pixels: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(1, Math.round(pixels)));
}

function batchingOf({ batchSize, batchWaitMs }: Settings, { provider }: ChosenProvider): Batching {
  const batching = provider === 'cpu' ? processorBatching : gpuBatching;
  return { ...batching, size: batchSize, waitMs: batchWaitMs ?? batching.waitMs };
}
