import { findGraph, type Graph, isEncoder, rowLength } from '#core/bundle/graphs.ts';
import { concatenate } from '#core/bundle/matcher.ts';
import type { Bundle, RunGraph } from '#core/bundle/open.ts';

/**
 * cuDNN plans anew whenever a session's rows change: 40 to 140 ms for L3-Net on an H200, however often it has seen both numbers. So there are few
 * numbers of rows, each has a session to itself, and all are planned before the first request.
 */
const buckets = [1, 2, 4, 8, 16];
const largest = Math.max(...buckets);

/** Of each graph the rows that its sessions are for. */
export function sessionSizes({ kind }: Graph): readonly number[] {
  return isEncoder(kind) ? buckets : [Number.POSITIVE_INFINITY];
}

/** @returns the same numbers, of encoders from runs of 1, 2, 4, 8 or 16 rows alone: zeros fill up what is between, more is cut up. */
export function inBuckets({ manifest, run }: Pick<Bundle, 'manifest' | 'run'>): RunGraph {
  return async (name, inputs, outputs) => {
    const graph = findGraph(manifest, name);
    const [first] = graph && isEncoder(graph.kind) ? graph.inputs : [];
    const rows = first && (inputs[first.name]?.length ?? 0) / rowLength(first);
    if (!rows || !Number.isInteger(rows) || buckets.includes(rows)) return run(name, inputs, outputs); // or it says what is wrong
    const given: Record<string, Float32Array>[] = [];
    for (let from = 0; from < rows; from += largest) {
      const count = Math.min(largest, rows - from);
      const size = buckets.find((bucket) => bucket >= count) as number;
      const part = Object.entries(inputs).map(([input, data]) => {
        const length = data.length / rows;
        const filled = data instanceof Float32Array ? new Float32Array(size * length) : new Uint8Array(size * length);
        filled.set(data.subarray(from * length, (from + count) * length));
        return [input, filled] as const;
      });
      const some: Record<string, Float32Array> = await run(name, Object.fromEntries(part), outputs);
      given.push(
        Object.fromEntries(
          outputs.map((output) => {
            const data = some[output] as Float32Array;
            return [output, data.subarray(0, (data.length / size) * count)];
          }),
        ),
      );
    }
    return Object.fromEntries(
      outputs.map((output) => [output, concatenate(given.map((part) => part[output] as Float32Array)) as Float32Array]),
    ) as Record<(typeof outputs)[number], Float32Array>;
  };
}

/** Runs every encoder once in every bucket. */
export async function warmBuckets({ manifest, run }: Pick<Bundle, 'manifest' | 'run'>): Promise<void> {
  for (const { name, inputs, outputs } of manifest.graphs.filter(({ kind }) => isEncoder(kind))) {
    for (const bucket of buckets) {
      const zeros = inputs.map((input) => {
        const length = bucket * rowLength(input);
        return [input.name, input.dtype === 'float32' ? new Float32Array(length) : new Uint8Array(length)] as const;
      });
      await run(
        name,
        Object.fromEntries(zeros),
        outputs.map((output) => output.name),
      );
    }
  }
}
