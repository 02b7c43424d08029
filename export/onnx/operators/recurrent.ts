import type { Dimension, Value } from '../value.ts';
import { inputAt, type OperatorRule, type Result } from './rule.ts';

// Operators that walk over time: the input is `[T, B, C]`.

const attributes = {
  activation_alpha: 'floats',
  activation_beta: 'floats',
  activations: 'strings',
  clip: 'float',
  direction: 'string',
  hidden_size: 'int',
  layout: 'int',
} as const;

/** Every step's output, then the states after the last. */
const recurrent = (states: number): OperatorRule => ({
  attributes: { ...attributes, input_forget: 'int', linear_before_reset: 'int' },
  infer(node) {
    const { type, shape } = inputAt(node, 0);
    const [time, batch] = shape as [Dimension, Dimension];
    const { hidden_size, direction } = node.attributes;
    const directions = direction === 'bidirectional' ? 2 : 1;
    const state: Result = { type, shape: [directions, batch, hidden_size] };
    return [{ type, shape: [time, directions, batch, hidden_size] }, ...Array.from({ length: states }, () => state)];
  },
});

export const recurrentOperators: Record<string, OperatorRule> = {
  RNN: recurrent(1),
  GRU: recurrent(1),
  LSTM: recurrent(2),

  Scan: {
    attributes: {
      body: 'graph',
      num_scan_inputs: 'int',
      scan_input_axes: 'ints',
      scan_input_directions: 'ints',
      scan_output_axes: 'ints',
      scan_output_directions: 'ints',
    },
    infer(node) {
      const body = node.attributes.body as { outputs: Value[] };
      const states = node.inputs.length - node.attributes.num_scan_inputs;
      const [time] = inputAt(node, states).shape as [Dimension];
      return body.outputs.map(({ type, shape }, i) => ({ type, shape: i < states ? shape : [time, ...shape] }));
    },
  },
};
