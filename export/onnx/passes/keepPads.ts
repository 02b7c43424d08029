import type { GraphBuilder, Value } from '../graph.ts';

/** Next to nothing, but not zero. */
const nearlyZero = 1.2e-38;

/**
 * Keeps zeros around pictures from being taken for a pool's own padding, which counts for nothing: ONNX Runtime joins a Pad of exactly 0
 * with the MaxPool or AveragePool behind it, and gives other numbers where all in a window are negative, or fails where the zeros are as wide
 * as the window. Seen in 1.17.1 (also in float16) and 1.30.0; 1.32.0 gave the right numbers.
 */
export function keepPadsBeforePools(graph: GraphBuilder): void {
  graph.rewrite((nodes) => {
    const pooled = new Set<Value | null>(
      nodes.filter(({ opType }) => /^(Max|Average)Pool$/.test(opType)).map(({ inputs }) => inputs[0] ?? null),
    );
    return nodes.map((node) => {
      const [result] = node.outputs as [Value];
      if (node.opType !== 'Pad' || node.inputs.length > 2 || !pooled.has(result)) return node;
      const value = graph.constant(`${result.name}/nearly_zero`, Float32Array.of(nearlyZero), []);
      return { ...node, inputs: [...node.inputs, value] };
    });
  });
}
