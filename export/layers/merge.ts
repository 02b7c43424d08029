import { z } from 'zod';
import { InputError } from '#core/errors.ts';
import type { Dimension, Value } from '../onnx/graph.ts';
import { defineLayer } from './layer.ts';

export const add = defineLayer(z.object({}), ({ graph, name, inputs }) => {
  const last = inputs.length - 1;
  return inputs.reduce((sum, input, i) => {
    assertSameShape(name, sum.shape, input);
    return graph.node('Add', { name: i === last ? name : `${name}/${i}`, inputs: [sum, input], shape: sum.shape });
  });
});

export const concatenate = defineLayer(
  z.object({ axis: z.number().int() }),
  ({ graph, name, config, input, inputs }) => {
    const rank = input.shape.length;
    const kerasAxis = config.axis < 0 ? config.axis + rank : config.axis;
    // The channels are last in Keras and first after the batch in ONNX.
    const axis = kerasAxis === rank - 1 ? 1 : kerasAxis + 1;
    const total = inputs.reduce((sum, value) => sum + (value.shape[axis] as number), 0);
    const shape = (length: Dimension) => input.shape.with(axis, length);
    for (const value of inputs) assertSameShape(name, shape(value.shape[axis] ?? 0), value);
    return graph.node('Concat', { name, inputs, shape: shape(total), attributes: { axis: { int: axis } } });
  },
);

function assertSameShape(layer: string, expected: Dimension[], { name, shape }: Value): void {
  if (shape.join() === expected.join()) return;
  throw new InputError(
    `Expected "${name}" as [${expected.join(', ')}] to merge it in "${layer}" but it is [${shape.join(', ')}].`,
  );
}
