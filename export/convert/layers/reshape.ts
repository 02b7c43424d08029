import { z } from 'zod';
import { elementCount } from '#core/elementCount.ts';
import type { Dimension } from '../../onnx/value.ts';
import { flattened } from '../flatten.ts';
import { LayerProblem } from '../keras/problem.ts';
import { asPlain, defineLayer, expectRank, knownSize } from '../layer.ts';
import { dataFormat } from '../settings.ts';
import { inOrder, plain, rankOf, shapeOf, type Tensor } from '../tensor.ts';

export const flatten = defineLayer({
  anyType: true,
  config: z.object({ data_format: dataFormat }),
  convert: (call) => {
    const { nodes, config, input } = call;
    const rank = rankOf(input);
    if (rank === 2) return input;
    if (rank === 1) return plain(nodes.op('Unsqueeze', [nodes.plain(input), nodes.integers(1)]));
    const shape = shapeOf(input);
    for (const size of shape.slice(1)) knownSize(size, 'every size of its input', call);
    // tfjs brings channels_first to channels_last before it flattens.
    const keras =
      config.data_format === 'channels_first' ? [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1] : null;
    const seen: Tensor = keras
      ? inOrder(
          input.value,
          input.order.map((axis) => keras.indexOf(axis)),
        )
      : input;
    return flattened(nodes, seen);
  },
});

export const reshape = defineLayer({
  anyType: true,
  config: z.object({ target_shape: z.array(z.number().int().nullable()) }),
  convert: ({ nodes, config, input, name }) => {
    const [batch] = shapeOf(input) as [Dimension];
    const target = config.target_shape.map((size) => (size === null || size < 0 ? null : size));
    if (target.filter((size) => size === null).length > 1) {
      throw new LayerProblem(
        name,
        `only one size may be left open but target_shape is [${config.target_shape.join(', ')}]`,
      );
    }
    const sizes = shapeOf(input).slice(1);
    if (sizes.every((size) => typeof size === 'number')) {
      const [given, wanted] = [sizes, target.filter((size) => size !== null)].map(elementCount) as [number, number];
      if (target.includes(null) ? given % wanted !== 0 : given !== wanted) {
        throw new LayerProblem(
          name,
          `the ${given} numbers of [${sizes.join(', ')}] do not make [${config.target_shape.join(', ')}]`,
        );
      }
    }
    const value = nodes.plain(input);
    if (typeof batch === 'number' || !target.includes(null)) return plain(nodes.reshape(value, [batch, ...target]));
    // 0 keeps the batch, -1 takes what is left.
    return plain(nodes.op('Reshape', [value, nodes.integers(0, ...target.map((size) => size ?? -1))]));
  },
});

/** Nothing moves: the axes get other names until a layer needs them in their order. */
export const permute = defineLayer({
  anyType: true,
  config: z.object({ dims: z.array(z.number().int().positive()) }),
  convert: ({ nodes, config, input: given, name }) => {
    const rank = rankOf(given);
    if ([...config.dims].sort().join() !== Array.from({ length: rank - 1 }, (_, i) => i + 1).join()) {
      throw new LayerProblem(
        name,
        `dims [${config.dims.join(', ')}] do not name each of the ${rank - 1} axes after the batch once`,
      );
    }
    const input = given.flattened ? asPlain(nodes, given) : given;
    const dims = [0, ...config.dims];
    return inOrder(
      input.value,
      input.order.map((axis) => dims.indexOf(axis)),
    );
  },
});

export const repeatVector = defineLayer({
  anyType: true,
  config: z.object({ n: z.number().int().positive() }),
  convert: (call) => {
    expectRank(call, 2);
    const { nodes, config, input } = call;
    const column = nodes.op('Unsqueeze', [nodes.plain(input), nodes.integers(1)]);
    return plain(nodes.op('Tile', [column, nodes.integers(1, config.n, 1)]));
  },
});
