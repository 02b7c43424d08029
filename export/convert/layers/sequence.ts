import { z } from 'zod';
import type { Value } from '../../onnx/value.ts';
import { defineLayer, type MaskCall } from '../layer.ts';
import { flag, numberOr } from '../settings.ts';
import { plain, type Tensor } from '../tensor.ts';

export const embedding = defineLayer({
  anyType: true,
  config: z.object({
    input_dim: z.number().int().positive(),
    output_dim: z.number().int().positive(),
    mask_zero: flag(false),
  }),
  masking: ({ config, inputs, nodes }) => {
    if (!config.mask_zero) return null;
    const value = nodes.plain(inputs[0] as Tensor);
    const zero = nodes.constant('zero', value.type === 'float32' ? Float32Array.of(0) : Int32Array.of(0), []);
    return nodes.op('Not', [nodes.op('Equal', [value, zero], {}, 'is_padding')], {}, 'mask');
  },
  convert: ({ nodes, config, input, weights }) => {
    const shape = [config.input_dim, config.output_dim];
    const table = weights.constant('embeddings', () => ({ data: weights.get('embeddings', shape).data, shape }));
    if (input.input) input.input.below = Math.min(input.input.below ?? Number.POSITIVE_INFINITY, config.input_dim);
    return plain(nodes.op('Gather', [table, nodes.cast(nodes.plain(input), 'int32')], { axis: 0 }));
  },
});

/** Steps that hold anything but `mask_value`, `[B, T]`. */
function counted({ config, nodes, inputs }: Pick<MaskCall, 'config' | 'nodes' | 'inputs'>): Value {
  const value = nodes.plain(nodes.float(inputs[0] as Tensor));
  const { mask_value = 0 } = config as { mask_value?: number | null };
  const same = nodes.cast(nodes.op('Equal', [value, nodes.scalar(mask_value ?? 0)], {}, 'is_padding'), 'float32');
  const all = nodes.op('ReduceMin', [same], { axes: [value.shape.length - 1], keepdims: 0 }, 'all_padding');
  return nodes.op('Not', [nodes.cast(all, 'bool')], {}, 'mask');
}

export const masking = defineLayer({
  config: z.object({ mask_value: numberOr(0) }),
  masking: counted,
  convert: ({ nodes, layer, input, inputs }) => {
    const mask = nodes.cast(counted({ config: layer.config, nodes, inputs }), 'float32');
    const value = nodes.plain(input);
    return plain(nodes.op('Mul', [value, nodes.op('Unsqueeze', [mask, nodes.integers(-1)])]));
  },
});
