import { cpus } from 'node:os';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Graph, VariantContent } from '#core/bundle/graphs.ts';
import { elementCount } from '#core/elementCount.ts';
import { Random } from '#core/random.ts';
import { median } from '#node/median.ts';

type Latency = NonNullable<VariantContent['latency']>[number];

/** Sizes of batches that are timed. */
export const latencyBatches = [1, 16];

/** Runs of each, in turns, behind those that warm up; where they take long, fewer tell as much. */
const turns = { warm: 3, fewest: 5, most: 30 };
const enoughMs = 10_000;

/**
 * How long one run of a graph takes in each variant: on one thread, in alternating turns. Processor time, which other work on the machine
 * changes little.
 *
 * @param models of the variants, by any key.
 */
export async function measureLatency<Key extends string>(
  graph: Graph,
  models: Record<Key, Uint8Array>,
  batch: number,
): Promise<Record<Key, Latency>> {
  const keys = Object.keys(models) as Key[];
  const sessions = {} as Record<Key, InferenceSession>;
  const times = {} as Record<Key, number[]>;
  for (const key of keys) {
    sessions[key] = await InferenceSession.create(models[key], {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    });
    times[key] = [];
  }
  const feeds = randomFeeds(graph, batch);
  const startMs = performance.now();
  const isEnough = (turn: number) => turn >= turns.fewest && performance.now() - startMs > enoughMs;
  for (let turn = -turns.warm; turn < turns.most && !isEnough(turn); turn++) {
    for (const key of keys) {
      const before = process.cpuUsage();
      await sessions[key].run(feeds);
      const { user, system } = process.cpuUsage(before);
      if (turn >= 0) times[key].push((user + system) / 1000);
    }
  }
  for (const key of keys) await sessions[key].release();
  const device = cpus()[0]?.model ?? 'unknown';
  const latencies = keys.map((key): [Key, Latency] => {
    const milliseconds = Math.max(1e-3, Number(median(times[key]).toPrecision(3)));
    return [key, { graph: graph.name, device, provider: 'cpu', threads: 1, batch, milliseconds }];
  });
  return Object.fromEntries(latencies) as Record<Key, Latency>;
}

function randomFeeds({ inputs }: Graph, batch: number): Record<string, Tensor> {
  const random = new Random(1);
  const feeds = inputs.map(({ name, dtype, shape: [, ...rest] }): [string, Tensor] => {
    const length = batch * elementCount(rest);
    const dims = [batch, ...rest];
    const tensor =
      dtype === 'uint8'
        ? new Tensor(
            'uint8',
            Uint8Array.from({ length }, () => random.integer(256)),
            dims,
          )
        : new Tensor(
            'float32',
            Float32Array.from({ length }, () => random.uniform(-1, 1)),
            dims,
          );
    return [name, tensor];
  });
  return Object.fromEntries(feeds);
}
