import { z } from 'zod';
import type { Nodes } from './nodes.ts';
import { axis, number, numberOr } from './settings.ts';
import { axisIn, plain, rankOf, sameOrderAs, type Tensor } from './tensor.ts';

/** What a layer without weights makes of a tensor. */
export interface ActivationLayer<Config> {
  /** The settings that change the result, with tfjs' defaults. */
  config: z.ZodType<Config>;
  apply(nodes: Nodes, tensor: Tensor, config: Config): Tensor;
}

function define<Schema extends z.ZodObject>(
  config: Schema,
  apply: (nodes: Nodes, tensor: Tensor, config: z.infer<Schema>) => Tensor,
) {
  return { config, apply };
}

/** Keras' layers that people also put in the place of an activation: `Dense(8, activation=LeakyReLU(0.1))`. */
export const activationLayers = {
  ELU: define(z.object({ alpha: numberOr(1) }), (nodes, tensor, { alpha }) =>
    sameOrderAs(tensor, nodes.op('Elu', [tensor.value], { alpha })),
  ),

  LeakyReLU: define(
    // Keras 3 calls it negative_slope.
    z.object({ alpha: number.nullish(), negative_slope: number.nullish() }),
    (nodes, tensor, { alpha, negative_slope }) =>
      sameOrderAs(tensor, nodes.op('LeakyRelu', [tensor.value], { alpha: alpha ?? negative_slope ?? 0.3 })),
  ),

  ReLU: define(z.object({ max_value: number.nullish() }), (nodes, tensor, { max_value: most }) => {
    if (most == null) return sameOrderAs(tensor, nodes.op('Relu', [tensor.value]));
    return sameOrderAs(tensor, nodes.op('Clip', [tensor.value, nodes.scalar(0), nodes.scalar(most)]));
  }),

  Softmax: define(
    // tfjs' default is 1; Keras always writes it.
    z.object({
      axis: z
        .union([axis, z.array(axis)])
        .nullish()
        .transform((value) => [value ?? 1].flat()),
    }),
    (nodes, given, { axis: asked }) => {
      const input = given.flattened ? plain(nodes.plain(given)) : given;
      const [only] = asked as [number];
      if (asked.length === 1)
        return sameOrderAs(input, nodes.op('Softmax', [input.value], { axis: axisIn(input, only) }));
      const axes = asked.map((axis) => axisIn(input, axis < 0 ? axis + rankOf(input) : axis));
      const total = nodes.op('ReduceLogSumExp', [input.value], { axes, keepdims: 1 });
      return sameOrderAs(input, nodes.op('Exp', [nodes.op('Sub', [input.value, total])]));
    },
  ),

  ThresholdedReLU: define(z.object({ theta: numberOr(1) }), (nodes, tensor, { theta }) =>
    sameOrderAs(tensor, nodes.op('ThresholdedRelu', [tensor.value], { alpha: theta })),
  ),
};
