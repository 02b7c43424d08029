import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Engine, Observer } from '../engine/engine.ts';
import type { BodyBudget } from '../http/admission.ts';

/** What Prometheus reads at `/metrics`; deploy/grafana.json draws it. */
export interface Metrics {
  engine: Observer;
  request(what: { route: string; method: string; status: number; seconds: number }): void;
  batch(tasks: number): void;
  restart(): void;
  reload(outcome: 'done' | 'refused'): void;
  /** In Prometheus' text format, and the type that it has. */
  text(): Promise<string>;
  contentType: string;
}

export interface MetricsSources {
  engine: Engine;
  bodies: BodyBudget;
  connections: () => number;
}

const secondsBuckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

export function createMetrics(sources: () => MetricsSources): Metrics {
  const register = new Registry();
  // Milliseconds of the clock by which the main thread's lag is told, and which is part of it.
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: 5 });
  const registers = [register];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter({ name: `clapper_${name}`, help, labelNames, registers });
  const histogram = <Label extends string>(name: string, help: string, labelNames: Label[], buckets = secondsBuckets) =>
    new Histogram({ name: `clapper_${name}`, help, labelNames, buckets, registers });
  const gauge = (name: string, help: string, read: (sources: MetricsSources) => number) =>
    new Gauge({
      name: `clapper_${name}`,
      help,
      registers,
      collect() {
        this.set(read(sources()));
      },
    });

  const requests = counter('requests_total', 'answered, by route and status', ['route', 'method', 'status']);
  const duration = histogram('request_seconds', 'from the headers to the end of the reply', ['route', 'status']);
  const stage = histogram('stage_seconds', 'of a question: waiting, decoding, in ONNX Runtime', ['stage', 'model']);
  const batches = histogram('batch_tasks', 'that went to a worker together', [], [1, 2, 4, 8, 16, 32]);
  const cached = counter('embedding_cache_total', 'files whose embedding was asked for', ['outcome']);
  const restarts = counter('worker_restarts_total', 'workers that ended by themselves and were replaced');
  const reloads = counter('reloads_total', 'of models, while serving', ['outcome']);

  const fleet = ({ engine }: MetricsSources) => (engine.state === 'starting' ? null : engine.generation.fleet);
  gauge('queue_items', 'that wait for a worker', (from) => fleet(from)?.waiting ?? 0);
  gauge('queue_seconds', 'that a newcomer is expected to wait', (from) => (fleet(from)?.backlogMs ?? 0) / 1000);
  gauge('workers_alive', 'processes that decode and run models', (from) => fleet(from)?.alive ?? 0);
  gauge('requests_pending', 'being answered', ({ engine }) => engine.pending);
  gauge('body_bytes_held', 'of bodies that are received or worked on', ({ bodies }) => bodies.heldBytes);
  gauge('bodies_receiving', 'that are not whole yet', ({ bodies }) => bodies.receiving);
  gauge('connections', 'open', ({ connections }) => connections());
  gauge('embedding_cache_bytes', 'held', ({ engine }) => engine.cache.bytes);
  gauge(
    'embedding_cache_hit_ratio',
    'since the start',
    ({ engine: { cache } }) => cache.hits / Math.max(1, cache.hits + cache.misses),
  );

  // What a model's questions, or one kind of requests, are counted by is looked up once, not with each.
  const stages = new Map<string, Record<'queue' | 'decode' | 'infer', Histogram.Internal<string>>>();
  const stagesOf = (model: string) =>
    remembered(stages, model, () => ({
      queue: stage.labels('queue', model),
      decode: stage.labels('decode', model),
      infer: stage.labels('infer', model),
    }));
  const kinds = new Map<string, { count: Counter.Internal; time: Histogram.Internal<string> }>();
  const kindOf = (route: string, method: string, status: number) =>
    remembered(kinds, `${status} ${method} ${route}`, () => ({
      count: requests.labels(route, method, String(status)),
      time: duration.labels(route, String(status)),
    }));

  return {
    engine: {
      answered({ model, timings }) {
        const { queue, decode, infer } = stagesOf(model);
        queue.observe(timings.queue / 1000);
        decode.observe(timings.decode / 1000);
        infer.observe(timings.infer / 1000);
      },
      cached({ hits, misses }) {
        if (hits > 0) cached.inc({ outcome: 'hit' }, hits);
        if (misses > 0) cached.inc({ outcome: 'miss' }, misses);
      },
    },
    request({ route, method, status, seconds }) {
      const { count, time } = kindOf(route, method, status);
      count.inc();
      time.observe(seconds);
    },
    batch: (tasks) => batches.observe(tasks),
    restart: () => restarts.inc(),
    reload: (outcome) => reloads.inc({ outcome }),
    text: () => register.metrics(),
    contentType: register.contentType,
  };
}

/** @returns what a map has for the key, which is made and kept where it has nothing yet. */
function remembered<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
