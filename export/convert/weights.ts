import type { Value } from '../onnx/value.ts';
import type { WeightNames, WeightOwner } from './keras/weightNames.ts';
import type { Weight } from './keras/weights.ts';
import type { LayerWeights } from './layer.ts';
import type { Nodes } from './nodes.ts';

/** A layer's weights by the names in the file; `made`: constants that calls of the layer share. */
export function layerWeights(
  names: WeightNames,
  owner: WeightOwner,
  { nodes, made, prefix = '' }: { nodes: Nodes; made: Map<string, Value>; prefix?: string },
): LayerWeights {
  return {
    get: (name: string, shape: number[]): Weight => names.find(owner, name, shape),
    has: (name: string): boolean => names.has(owner, name),
    constant(part, make) {
      const key = prefix + part;
      const known = made.get(key);
      if (known) return known;
      const { data, shape } = make();
      const value = nodes.constant(key, data, shape);
      made.set(key, value);
      return value;
    },
    of: ({ half, cell }) =>
      layerWeights(
        names,
        { ...owner, half: half ?? owner.half, cell: cell ?? owner.cell },
        {
          nodes,
          made,
          prefix: `${prefix}${half ? `${half.begins[0]}/` : ''}${cell === undefined ? '' : `cell_${cell}/`}`,
        },
      ),
    all: () => names.allOf(owner),
  };
}
