import { elementCount } from '#core/elementCount.ts';
import type { GraphBuilder, Node, Value } from '../graph.ts';

/**
 * Batch normalisation behind a convolution or matrix product is one factor and one summand for each of its outputs: multiplied into
 * kernel and bias, in float64, it costs nothing at run time. Nothing else may read the product, nor its weights.
 */
export function foldBatchNorm(graph: GraphBuilder): void {
  graph.rewrite((nodes, readers) => {
    const producers = new Map<Value, Node>(
      nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)),
    );
    const gone = new Set<Node>();
    const folded = new Map<Node, Node>();
    for (const node of nodes) {
      if (node.opType !== 'BatchNormalization') continue;
      const linear = producers.get(node.inputs[0] as Value);
      const unread =
        linear &&
        [linear.outputs[0] as Value, ...linear.inputs.slice(1)].every((value) => value && readers.get(value) === 1);
      const changed = unread && fold(graph, linear, node);
      if (!changed) continue;
      gone.add(linear);
      folded.set(node, changed);
    }
    return nodes.flatMap((node) => (gone.has(node) ? [] : (folded.get(node) ?? node)));
  });
}

/** Along which axis of the kernel the outputs lie. */
const outputAxis: Record<string, number> = { Conv: 0, ConvTranspose: 1, Gemm: 1 };

function fold(graph: GraphBuilder, linear: Node, batchNorm: Node): Node | null {
  const axis = outputAxis[linear.opType];
  const [x, kernel, bias] = linear.inputs as [Value, Value, Value?];
  const [, ...statistics] = batchNorm.inputs as Value[];
  const numbers = (value: Value) => graph.constantData(value) as Float32Array | undefined;
  const [gamma, beta, mean, variance] = statistics.map(numbers);
  const kernelData = numbers(kernel);
  const biasData = bias && numbers(bias);
  const isGrouped = linear.opType === 'ConvTranspose' && (linear.attributes?.group ?? 1) !== 1;
  if (axis === undefined || isGrouped || !kernelData || (bias && !biasData) || !gamma || !beta || !mean || !variance)
    return null;

  const outputs = kernel.shape[axis] as number;
  const inner = elementCount(kernel.shape.slice(axis + 1) as number[]);
  const { epsilon } = batchNorm.attributes as { epsilon: number };
  // JavaScript computes in float64; Float32Array rounds once, when it stores.
  const factors = Float64Array.from(variance, (value, i) => (gamma[i] as number) / Math.sqrt(value + epsilon));
  const foldedKernel = kernelData.map((value, i) => value * (factors[Math.floor(i / inner) % outputs] as number));
  const foldedBias = Float32Array.from(
    mean,
    (value, i) => (beta[i] as number) + ((biasData?.[i] ?? 0) - value) * (factors[i] as number),
  );
  for (const value of [kernel, ...(bias ? [bias] : [])]) graph.forget(value);
  const [result] = batchNorm.outputs as [Value];
  const [product] = linear.outputs as [Value];
  if (!graph.outputs.includes(result)) result.name = product.name;
  return {
    ...linear,
    inputs: [
      x,
      graph.constant(kernel.name, foldedKernel, kernel.shape as number[]),
      graph.constant(bias?.name ?? `${product.name}/bias`, foldedBias, [outputs]),
    ],
    outputs: [result],
  };
}
