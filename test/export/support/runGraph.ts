import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { GraphBuilder } from '../../../export/onnx/graph.ts';
import { modelBytes } from '../../../export/onnx/model.ts';

export interface Rows {
  shape: number[];
  data: Float32Array;
}

/** Runs a graph in onnxruntime-node. @returns its outputs by their name. */
export async function runGraph(graph: GraphBuilder, feeds: Record<string, Rows>): Promise<Record<string, Rows>> {
  const bytes = modelBytes(graph, { doc: '', producerVersion: '0', metadata: {} });
  const session = await InferenceSession.create(bytes);
  const tensors = Object.entries(feeds).map(([name, { shape, data }]) => [name, new Tensor('float32', data, shape)]);
  const outputs = await session.run(Object.fromEntries(tensors));
  await session.release();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { dims, data }]) => [name, { shape: [...dims], data: data as Float32Array }]),
  );
}

/** @returns the largest absolute difference; NaN where lengths differ. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  return Array.from(expected).reduce(
    (largest, value, i) => Math.max(largest, Math.abs((actual[i] as number) - value)),
    0,
  );
}
