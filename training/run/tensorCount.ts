import { formatBytes } from '#core/progress.ts';

/** What TensorFlow.js holds: `tf.memory()`. */
export interface TensorMemory {
  numTensors: number;
  numBytes: number;
}

/** Whoever makes a tensor frees it: at every report of a run as many are held as at the first. */
export interface TensorCount {
  /** Warns, once, where there are more. */
  check(step: number, memory: TensorMemory): void;
}

export function createTensorCount(warn: (line: string) => void): TensorCount {
  let first: { step: number; memory: TensorMemory } | null = null;
  let warned = false;
  return {
    check(step, memory) {
      first ??= { step, memory };
      if (memory.numTensors <= first.memory.numTensors || warned) return;
      warned = true;
      const bytes = formatBytes(Math.max(0, memory.numBytes - first.memory.numBytes));
      warn(
        `Warning: from step ${first.step} to step ${step} the tensors held grew from ${first.memory.numTensors} to ` +
          `${memory.numTensors}, by ${bytes}. Something does not free what it makes: memory will go on growing.`,
      );
    },
  };
}
