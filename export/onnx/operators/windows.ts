import type { Dimension } from '../value.ts';
import { inputAt, type NodeContext, type OperatorRule, type Result } from './rule.ts';

// Operators that slide a window over the dimensions after batch and channels, and those that take all of them at once.

const windowAttributes = {
  auto_pad: 'string',
  dilations: 'ints',
  kernel_shape: 'ints',
  pads: 'ints',
  strides: 'ints',
} as const;

function spatial(node: NodeContext): Dimension[] {
  return inputAt(node, 0).shape.slice(2);
}

/** Sizes after a sliding window: https://onnx.ai/onnx/operators/onnx__Conv.html and `MaxPool`. */
function slide(node: NodeContext): (Dimension | null)[] {
  const { kernel_shape, strides, dilations, pads, auto_pad, ceil_mode = 0 } = node.attributes;
  const rank = kernel_shape.length;
  return spatial(node).map((length, i) => {
    const stride = strides?.[i] ?? 1;
    const reach = (kernel_shape[i] - 1) * (dilations?.[i] ?? 1) + 1;
    const same = auto_pad === 'SAME_UPPER' || auto_pad === 'SAME_LOWER';
    const padding = (pads?.[i] ?? 0) + (pads?.[i + rank] ?? 0);
    if (typeof length !== 'number') {
      return stride === 1 && (same || padding === reach - 1) ? length : null;
    }
    if (same) return Math.ceil(length / stride);
    const count = (length + padding - reach) / stride + 1;
    return ceil_mode ? Math.ceil(count) : Math.floor(count);
  });
}

const pooling = (attributes: NonNullable<OperatorRule['attributes']>): OperatorRule => ({
  attributes: { ...windowAttributes, ...attributes },
  infer(node) {
    const { type, shape } = inputAt(node, 0);
    return [{ type, shape: [...shape.slice(0, 2), ...slide(node)] }];
  },
});

const overall: OperatorRule = {
  infer(node): Result[] {
    const { type, shape } = inputAt(node, 0);
    return [{ type, shape: [...shape.slice(0, 2), ...shape.slice(2).map(() => 1)] }];
  },
};

export const windows: Record<string, OperatorRule> = {
  AveragePool: pooling({ ceil_mode: 'int', count_include_pad: 'int' }),
  MaxPool: pooling({ ceil_mode: 'int', storage_order: 'int' }),
  GlobalAveragePool: overall,
  GlobalMaxPool: overall,

  Conv: {
    attributes: { ...windowAttributes, group: 'int' },
    infer(node) {
      const [{ type, shape }, kernel] = [inputAt(node, 0), inputAt(node, 1)];
      const perGroup = kernel.shape[1] as number;
      const group = node.attributes.group ?? 1;
      if (typeof shape[1] === 'number' && shape[1] !== perGroup * group) {
        throw new TypeError(`Expected ${perGroup * group} channels for the kernel but received ${shape[1]}.`);
      }
      return [{ type, shape: [shape[0] as Dimension, kernel.shape[0] as number, ...slide(node)] }];
    },
  },

  ConvTranspose: {
    attributes: { ...windowAttributes, group: 'int', output_padding: 'ints', output_shape: 'ints' },
    infer(node) {
      const [{ type, shape }, kernel] = [inputAt(node, 0), inputAt(node, 1)];
      const { kernel_shape, strides, dilations, pads, output_padding, group = 1 } = node.attributes;
      const rank = kernel_shape.length;
      const sizes = spatial(node).map((length, i) => {
        const reach = (kernel_shape[i] - 1) * (dilations?.[i] ?? 1) + 1;
        const padding = (pads?.[i] ?? 0) + (pads?.[i + rank] ?? 0);
        if (typeof length !== 'number') return null;
        return (strides?.[i] ?? 1) * (length - 1) + (output_padding?.[i] ?? 0) + reach - padding;
      });
      return [{ type, shape: [shape[0] as Dimension, (kernel.shape[1] as number) * group, ...sizes] }];
    },
  },

  Resize: {
    attributes: {
      coordinate_transformation_mode: 'string',
      cubic_coeff_a: 'float',
      mode: 'string',
      nearest_mode: 'string',
    },
    infer(node) {
      const { type, shape } = inputAt(node, 0);
      const sizes = node.inputs[3]?.elements;
      if (sizes) return [{ type, shape: sizes }];
      const scales = node.inputs[2]?.elements as number[] | undefined;
      return [
        {
          type,
          shape: shape.map((length, i) => {
            const scale = scales?.[i];
            if (scale === 1) return length;
            return typeof length === 'number' && scale !== undefined ? Math.floor(length * scale) : null;
          }),
        },
      ];
    },
  },
};
