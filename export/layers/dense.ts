import { z } from 'zod';
import { activationSchema, addActivation } from './activation.ts';
import { defineLayer, vectorSize } from './layer.ts';

const configSchema = z.object({ units: z.number().int(), use_bias: z.boolean(), activation: activationSchema });

export const dense = defineLayer(configSchema, ({ graph, name, config, input, weight }) => {
  const { units, use_bias, activation } = config;
  const shape = [vectorSize(input), units];
  const inputs = [input, graph.constant(`${name}/kernel`, weight('kernel', shape).data, shape)];
  if (use_bias) inputs.push(graph.constant(`${name}/bias`, weight('bias', [units]).data, [units]));
  const result = graph.node('Gemm', { name, inputs, shape: ['batch', units] });
  return addActivation(graph, result, activation, `${name}/${activation}`);
});
