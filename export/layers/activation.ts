import { z } from 'zod';
import type { Attribute, GraphBuilder, Value } from '../onnx/graph.ts';
import { defineLayer } from './layer.ts';

/** Keras' activations, each one ONNX operator. Keras takes softmax over the channels: axis 1 of ONNX's order. */
const operators: Record<string, { opType: string; attributes?: Record<string, Attribute> }> = {
  relu: { opType: 'Relu' },
  sigmoid: { opType: 'Sigmoid' },
  tanh: { opType: 'Tanh' },
  elu: { opType: 'Elu' },
  selu: { opType: 'Selu' },
  softplus: { opType: 'Softplus' },
  softsign: { opType: 'Softsign' },
  softmax: { opType: 'Softmax', attributes: { axis: { int: 1 } } },
};

export const activationSchema = z.enum(['linear', ...Object.keys(operators)]);

/** @returns the input itself for `linear`, which does nothing. */
export function addActivation(graph: GraphBuilder, input: Value, activation: string, name: string): Value {
  const operator = operators[activation];
  if (!operator) return input;
  const { opType, attributes = {} } = operator;
  return graph.node(opType, { name, inputs: [input], shape: input.shape, attributes });
}

export const activation = defineLayer(z.object({ activation: activationSchema }), ({ graph, name, config, input }) =>
  addActivation(graph, input, config.activation, name),
);

export const relu = defineLayer(
  z.object({
    max_value: z.number().nullish(),
    negative_slope: z.literal(0).nullish(),
    threshold: z.literal(0).nullish(),
  }),
  ({ graph, name, config, input }) => {
    if (config.max_value == null) return addActivation(graph, input, 'relu', name);
    const limits = [graph.scalar(`${name}/min`, 0), graph.scalar(`${name}/max`, config.max_value)];
    return graph.node('Clip', { name, inputs: [input, ...limits], shape: input.shape });
  },
);
