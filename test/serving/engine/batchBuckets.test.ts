import { describe, expect, it } from 'vitest';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import type { RunGraph } from '#core/bundle/open.ts';
import { inBuckets, warmBuckets } from '../../../serving/engine/batchBuckets.ts';

const manifest = {
  graphs: [
    {
      name: 'audio',
      kind: 'audio-encoder',
      inputs: [
        { name: 'a', dtype: 'float32', shape: ['batch', 3] },
        { name: 'b', dtype: 'uint8', shape: ['batch', 2, 2] },
      ],
      outputs: [{ name: 'sum', dtype: 'float32', shape: ['batch', 2] }],
    },
  ],
} as unknown as BundleManifest;

/** Of each row its sum, and twice that. */
function sums(seen: number[]): RunGraph {
  return async (_name, inputs, outputs) => {
    const { a, b } = inputs as { a: Float32Array; b: Uint8Array };
    const rows = a.length / 3;
    seen.push(rows);
    const all = Float32Array.from({ length: 2 * rows }, (_, i) => {
      const row = Math.floor(i / 2);
      const sum = [...a.subarray(3 * row, 3 * row + 3), ...b.subarray(4 * row, 4 * row + 4)].reduce((x, y) => x + y);
      return i % 2 === 0 ? sum : 2 * sum;
    });
    return Object.fromEntries(outputs.map((name) => [name, all])) as never;
  };
}

describe('batch buckets', () => {
  it('give the numbers of any batch from runs of few sizes', async () => {
    const seen: number[] = [];
    const run = inBuckets({ manifest, run: sums(seen) });
    for (const rows of [1, 2, 3, 5, 8, 17, 32, 33, 64, 71]) {
      const a = Float32Array.from({ length: 3 * rows }, (_, i) => i + 1);
      const b = Uint8Array.from({ length: 4 * rows }, (_, i) => (7 * i) % 256);
      const { sum } = await run('audio', { a, b }, ['sum']);
      const { sum: expected } = await sums([])('audio', { a, b }, ['sum']);
      expect(sum).toEqual(expected);
    }
    expect([...new Set(seen)].sort((x, y) => x - y)).toEqual([1, 2, 4, 8, 32]);
  });

  it('are all run once when a bundle is loaded', async () => {
    const seen: number[] = [];
    await warmBuckets({ manifest, run: sums(seen) });
    expect(seen).toEqual([1, 2, 4, 8, 16, 32]);
  });

  it('leave what is wrong to the graph', async () => {
    const run = inBuckets({
      manifest,
      run: async () => {
        throw new RangeError('Expected "a" as float32 [batch, 3].');
      },
    });
    await expect(run('audio', { a: new Float32Array(4), b: new Uint8Array(4) }, ['sum'])).rejects.toThrow(RangeError);
  });
});
