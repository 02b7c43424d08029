/** Counts as Triton's statistics extension has them; times in nanoseconds. */
export interface Statistics {
  succeeded(
    name: string,
    version: string,
    took: { batch: number; totalMs: number; queue: number; infer: number },
  ): void;
  failed(name: string, version: string, totalMs: number): void;
  of(name: string, version: string): ModelStatistics;
}

export interface Duration {
  count: number;
  ns: number;
}

export interface ModelStatistics {
  name: string;
  version: string;
  /** Milliseconds since 1970; 0: never. */
  last_inference: number;
  inference_count: number;
  execution_count: number;
  inference_stats: Record<
    'success' | 'fail' | 'queue' | 'compute_input' | 'compute_infer' | 'compute_output',
    Duration
  >;
  batch_stats: never[];
}

export function createStatistics(): Statistics {
  const models = new Map<string, ModelStatistics>();
  const of = (name: string, version: string): ModelStatistics => {
    const key = `${name} ${version}`;
    const known = models.get(key) ?? empty(name, version);
    models.set(key, known);
    return known;
  };
  const add = (duration: Duration, milliseconds: number) => {
    duration.count++;
    duration.ns += Math.round(milliseconds * 1e6);
  };
  return {
    succeeded(name, version, { batch, totalMs, queue, infer }) {
      const model = of(name, version);
      model.last_inference = Date.now();
      model.inference_count += batch;
      model.execution_count++;
      add(model.inference_stats.success, totalMs);
      add(model.inference_stats.queue, queue);
      add(model.inference_stats.compute_infer, infer);
      add(model.inference_stats.compute_input, 0);
      add(model.inference_stats.compute_output, Math.max(0, totalMs - queue - infer));
    },
    failed(name, version, totalMs) {
      add(of(name, version).inference_stats.fail, totalMs);
    },
    of,
  };
}

function empty(name: string, version: string): ModelStatistics {
  const none = (): Duration => ({ count: 0, ns: 0 });
  return {
    name,
    version,
    last_inference: 0,
    inference_count: 0,
    execution_count: 0,
    inference_stats: {
      success: none(),
      fail: none(),
      queue: none(),
      compute_input: none(),
      compute_infer: none(),
      compute_output: none(),
    },
    batch_stats: [],
  };
}
