import { z } from 'zod';
import type { Dimension } from '../../onnx/value.ts';
import { LayerProblem } from '../keras/problem.ts';
import { defineLayer, type LayerCall } from '../layer.ts';
import { inOrder, plain, rankOf, sameOrder, shapeOf, type Tensor } from '../tensor.ts';

/** Steps and samples as one batch, of tensors that a TimeDistributed layer gave: the next needs them so again. */
const merged = new WeakMap<object, { order: number[]; steps: Tensor }>();

/** Applies a layer to each step by itself: samples × steps are its batch. */
export const timeDistributed = defineLayer({
  anyType: true,
  config: z.object({}),
  masking: 'passes',
  convert: (call) => {
    const { nodes, layer, input, name } = call;
    const { inner } = layer;
    if (!inner) throw new LayerProblem(name, 'TimeDistributed holds no layer');
    if (rankOf(input) < 3)
      throw new LayerProblem(
        name,
        `TimeDistributed takes samples of steps but its input has [${shapeOf(input).join(', ')}]`,
      );
    const [batch, time] = shapeOf(input) as [Dimension, Dimension];
    const before = merged.get(input.value);
    const steps = before && sameOrder(before.order, input.order) ? before.steps : together(call, batch, time);
    const [result, ...others] = call.convertInner(inner, [steps]);
    if (!result || others.length > 0)
      throw new LayerProblem(
        name,
        `TimeDistributed takes a layer of one result but "${inner.name}" gives ${others.length + 1}`,
      );
    if (result.value === steps.value && sameOrder(result.order, steps.order)) return input; // dropout and the like
    if (result.flattened) return apart(call, plain(nodes.plain(result)), batch, time);
    const order = [0, ...result.order.filter((axis) => axis > 0)]; // a sequence's steps may stand before its samples
    return apart(call, inOrder(nodes.arrange(result, order), order), batch, time);
  },
});

function together({ nodes, input }: LayerCall<unknown>, batch: Dimension, time: Dimension): Tensor {
  const whole = typeof batch === 'number' && typeof time === 'number' ? batch * time : null;
  // Batch and time stand first and next to each other; the rest keeps its order.
  const order = [0, 1, ...input.order.filter((axis) => axis > 1)];
  const value = nodes.arrange(input, order);
  const rest = value.shape.slice(2);
  return inOrder(nodes.reshape(value, [whole, ...rest], 'steps'), [0, ...order.slice(2).map((axis) => axis - 1)]);
}

function apart({ nodes, input }: LayerCall<unknown>, result: Tensor, batch: Dimension, time: Dimension): Tensor {
  const rest = result.value.shape.slice(1);
  const order = [0, 1, ...result.order.slice(1).map((axis) => axis + 1)];
  const open = [batch, time].filter((size) => typeof size !== 'number');
  if (open.length < 2 && rest.every((size) => typeof size === 'number')) {
    const target = [batch, time, ...rest].map((size) => (typeof size === 'number' ? size : -1));
    const value = nodes.op('Reshape', [result.value, nodes.integers(...target)]);
    value.shape = [batch, time, ...rest];
    merged.set(value, { order, steps: result });
    return inOrder(value, order);
  }
  const sizes = nodes.op('Shape', [nodes.plain(input)], { start: 0, end: 2 }, 'batch_and_time');
  const inside = nodes.op('Shape', [result.value], { start: 1 }, 'sizes');
  const value = nodes.op('Reshape', [result.value, nodes.op('Concat', [sizes, inside], { axis: 0 }, 'shape')]);
  merged.set(value, { order, steps: result });
  return inOrder(value, order);
}
