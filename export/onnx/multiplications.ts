import type { GraphBuilder } from './graph.ts';
import type { Dimension } from './value.ts';

/**
 * How many multiplications a run takes, roughly: those of convolutions and products with weights.
 *
 * @param sizes that a run chooses, by name. Others that only a run knows count as 1.
 */
export function multiplications(graph: GraphBuilder, sizes: Map<string, number>): number {
  const count = (shape: Dimension[]) =>
    shape.reduce<number>((product, size) => product * (typeof size === 'number' ? size : (sizes.get(size) ?? 1)), 1);
  let total = 0;
  graph.rewrite((nodes) => {
    for (const { opType, inputs, outputs } of nodes) {
      const [input, weights] = inputs;
      const [output] = outputs;
      if (!input || !weights || !output) continue;
      const kernel = count(weights.shape);
      if (opType === 'Conv') total += count([output.shape[0] as Dimension, ...output.shape.slice(2)]) * kernel;
      if (opType === 'ConvTranspose') total += count([input.shape[0] as Dimension, ...input.shape.slice(2)]) * kernel;
      if (opType === 'Gemm' || opType === 'MatMul') total += count(output.shape.slice(0, -1)) * kernel;
      if (/^(LSTM|GRU|RNN)$/.test(opType))
        total += count(input.shape.slice(0, 2)) * (kernel + count(inputs[2]?.shape ?? []));
    }
    return [...nodes];
  });
  return total;
}
