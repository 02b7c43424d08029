import * as onnxRuntime from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { rowLength } from '#core/bundle/graphs.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { type OnnxRuntime, openBundle, type RunGraph } from '#core/bundle/open.ts';
import { readBundleFile } from '#node/bundle/readManifest.ts';
import { inBuckets, sessionSizes, warmBuckets } from '../../../serving/engine/batchBuckets.ts';

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

/** ONNX Runtime, and of each session of it the numbers of rows that it ran. */
function watched(): { runtime: OnnxRuntime; rowsOf: Map<object, Set<number>> } {
  const rowsOf = new Map<object, Set<number>>();
  const create: OnnxRuntime['InferenceSession']['create'] = async (model, options) => {
    const session = await onnxRuntime.InferenceSession.create(model, { ...options, logSeverityLevel: 3 });
    const seen = new Set<number>();
    rowsOf.set(session, seen);
    const run = session.run.bind(session) as typeof session.run;
    session.run = (async (feeds: Parameters<typeof run>[0], outputs: string[]) => {
      for (const { dims } of Object.values(feeds)) seen.add(dims[0] as number);
      return run(feeds, outputs);
    }) as typeof session.run;
    return session;
  };
  return { runtime: { InferenceSession: { create }, Tensor: onnxRuntime.Tensor }, rowsOf };
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
    expect([...new Set(seen)].sort((x, y) => x - y)).toEqual([1, 2, 4, 8, 16]);
  });

  it('are all run once when a bundle is loaded', async () => {
    const seen: number[] = [];
    await warmBuckets({ manifest, run: sums(seen) });
    expect(seen).toEqual([1, 2, 4, 8, 16]);
  });

  it('run each in a session of its own', async () => {
    const { runtime, rowsOf } = watched();
    const folder = 'models/digits';
    const bundle = await openBundle({ read: (name) => readBundleFile(folder, name), runtime, sessionSizes });
    const [encoder] = bundle.manifest.graphs.filter(({ name }) => name === 'image');
    const [input] = encoder?.inputs ?? [];
    if (!input) throw new Error('models/digits has no pictures');
    const row = rowLength(input);
    const run = inBuckets(bundle);
    const ask = async (rows: number) => {
      const image = Uint8Array.from({ length: rows * row }, (_, i) => (31 * i) % 256);
      return (await run('image', { image }, ['image_embedding'])).image_embedding;
    };
    const many = await ask(37);
    for (const rows of [1, 2, 3, 5, 8, 13, 16, 4, 1, 16]) {
      const given = await ask(rows);
      given.forEach((number, i) => {
        expect(Math.abs(number - (many[i] as number))).toBeLessThan(1e-5);
      });
    }
    const ran = [...rowsOf.values()].filter((rows) => rows.size > 0);
    expect(ran.map((rows) => [...rows])).toEqual([[1], [2], [4], [8], [16]]);
    await bundle.release();
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
