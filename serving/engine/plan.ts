/** How the cores are shared out. */
export interface Plan {
  /** Processes that decode and run models. */
  workers: number;
  /** Threads that one graph runs on, in each worker. */
  threads: number;
}

/**
 * ONNX Runtime gains nothing on processors from batches, and less than proportionally from threads within a graph: so as many workers as
 * cores, of one thread each, up to `maxWorkers`, for each keeps a copy of the weights; what cores are left then go into the graphs.
 *
 * @param asked what the operator has set himself.
 */
export function planThreads(cores: number, asked: Partial<Plan> = {}): Plan {
  const workers = asked.workers ?? Math.max(1, Math.min(maxWorkers, Math.floor(cores / (asked.threads ?? 1))));
  return { workers, threads: asked.threads ?? Math.max(1, Math.floor(cores / workers)) };
}

const maxWorkers = 8;
