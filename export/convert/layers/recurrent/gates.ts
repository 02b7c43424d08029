import { z } from 'zod';
import type { Value } from '../../../onnx/value.ts';
import { type Activation, activate, activationOr, activationSchema } from '../../activations.ts';
import type { LayerWeights } from '../../layer.ts';
import type { Nodes } from '../../nodes.ts';
import { flag } from '../../settings.ts';
import { permute, plain } from '../../tensor.ts';
import type { Cell } from './cell.ts';
import { operatorActivations } from './operatorActivations.ts';

// The cells of tfjs-layers 4.22 (recurrent.ts): SimpleRNN, GRU, LSTM.

const common = { units: z.number().int().positive(), use_bias: flag(true) };

export const cellSchemas = {
  SimpleRNN: z.object({
    ...common,
    activation: z.preprocess((value) => value ?? 'tanh', activationSchema),
  }),
  GRU: z.object({
    ...common,
    activation: activationOr('tanh'),
    recurrent_activation: activationOr('hard_sigmoid'),
    /** tfjs refuses it; Keras' default since 2.0. */
    reset_after: flag(false),
  }),
  LSTM: z.object({
    ...common,
    activation: activationOr('tanh'),
    recurrent_activation: activationOr('hard_sigmoid'),
  }),
};

interface Parts {
  units: number;
  inputSize: number;
  weights: LayerWeights;
}

/** Where each gate stands: Keras' blocks of columns → the order that ONNX wants, as rows. */
function stacked({ units, weights }: Parts, name: string, { rows, gates }: { rows: number; gates: number[] }): Value {
  const shape = [rows, gates.length * units];
  return weights.constant(`${name}/operator`, () => ({
    data: reordered(permute(weights.get(name, shape).data, shape, [1, 0]), gates, units * rows),
    shape: [1, gates.length * units, rows],
  }));
}

/** Blocks in another order. */
function reordered(data: Float32Array, order: number[], block: number): Float32Array {
  const moved = new Float32Array(data.length);
  order.forEach((from, to) => {
    moved.set(data.subarray(from * block, (from + 1) * block), to * block);
  });
  return moved;
}

/** The bias of the input, then that of the state, which Keras mostly has none of. */
function operatorBias({ units, weights }: Parts, gates: number[], { ofState = false } = {}): Value {
  const length = gates.length * units;
  return weights.constant('bias/operator', () => {
    const data = weights.get('bias', ofState ? [2, length] : [length]).data;
    const both = new Float32Array(2 * length);
    both.set(reordered(data.subarray(0, length), gates, units));
    if (ofState) both.set(reordered(data.subarray(length), gates, units), length);
    return { data: both, shape: [1, 2 * length] };
  });
}

/** Weights as Keras has them, for steps written as nodes. */
function matrices({ units, inputSize, weights }: Parts, gates: number) {
  const matrix = (name: string, shape: number[]) => () =>
    weights.constant(name, () => ({ data: weights.get(name, shape).data, shape }));
  return {
    kernel: matrix('kernel', [inputSize, gates * units]),
    recurrent: matrix('recurrent_kernel', [units, gates * units]),
    bias: matrix('bias', [gates * units]),
  };
}

function split(nodes: Nodes, value: Value, sizes: number[]): Value[] {
  if (sizes.length === 1) return [value];
  return nodes.ops('Split', [value, nodes.integers(...sizes)], { axis: 1 });
}

const apply = (nodes: Nodes, value: Value, activation: Activation) => activate(nodes, plain(value), activation).value;

export function simpleRnnCell(config: z.infer<typeof cellSchemas.SimpleRNN>, parts: Parts): Cell {
  const { kernel, recurrent, bias } = matrices(parts, 1);
  const activations = operatorActivations([config.activation]);
  return {
    states: [[config.units]],
    step(nodes, x, [h]) {
      const seen = nodes.op('MatMul', [x, kernel()]);
      const biased = config.use_bias ? nodes.op('Add', [seen, bias()]) : seen;
      const output = apply(
        nodes,
        nodes.op('Add', [biased, nodes.op('MatMul', [h as Value, recurrent()])]),
        config.activation,
      );
      return { output, states: [output] };
    },
    operator: activations
      ? {
          opType: 'RNN',
          get weights() {
            return [
              stacked(parts, 'kernel', { rows: parts.inputSize, gates: [0] }),
              stacked(parts, 'recurrent_kernel', { rows: config.units, gates: [0] }),
              ...(config.use_bias ? [operatorBias(parts, [0])] : []),
            ];
          },
          attributes: activations,
        }
      : undefined,
  };
}

export function gruCell(config: z.infer<typeof cellSchemas.GRU>, parts: Parts): Cell {
  const { units, reset_after } = config;
  const { kernel, recurrent, bias } = matrices(parts, 3);
  const gates = [0, 1, 2]; // update, reset, hidden: the same in ONNX
  const activations = operatorActivations([config.recurrent_activation, config.activation]);
  const biasRow = (row: number) =>
    parts.weights.constant(`bias/${row}`, () => ({
      data: parts.weights.get('bias', [2, 3 * units]).data.slice(row * 3 * units, (row + 1) * 3 * units),
      shape: [3 * units],
    }));
  return {
    states: [[units]],
    step(nodes, x, [state]) {
      const h = state as Value;
      const gate = (value: Value) => apply(nodes, value, config.recurrent_activation);
      let seen = nodes.op('MatMul', [x, kernel()]);
      if (config.use_bias) seen = nodes.op('Add', [seen, reset_after ? biasRow(0) : bias()]);
      const [seenZ, seenR, seenH] = split(nodes, seen, [units, units, units]) as [Value, Value, Value];
      const [kernelZR, kernelH] = nodes.ops('Split', [recurrent(), nodes.integers(2 * units, units)], { axis: 1 }) as [
        Value,
        Value,
      ];
      let kept: Value;
      let z: Value;
      if (reset_after) {
        let inner = nodes.op('MatMul', [h, recurrent()]);
        if (config.use_bias) inner = nodes.op('Add', [inner, biasRow(1)]);
        const [innerZ, innerR, innerH] = split(nodes, inner, [units, units, units]) as [Value, Value, Value];
        z = gate(nodes.op('Add', [seenZ, innerZ]));
        kept = nodes.op('Mul', [gate(nodes.op('Add', [seenR, innerR])), innerH]);
      } else {
        const [innerZ, innerR] = split(nodes, nodes.op('MatMul', [h, kernelZR]), [units, units]) as [Value, Value];
        z = gate(nodes.op('Add', [seenZ, innerZ]));
        const r = gate(nodes.op('Add', [seenR, innerR]));
        kept = nodes.op('MatMul', [nodes.op('Mul', [r, h]), kernelH]);
      }
      const hidden = apply(nodes, nodes.op('Add', [seenH, kept]), config.activation);
      const rest = nodes.op('Mul', [nodes.op('Sub', [nodes.scalar(1), z]), hidden]);
      const output = nodes.op('Add', [nodes.op('Mul', [z, h]), rest]);
      return { output, states: [output] };
    },
    operator: activations
      ? {
          opType: 'GRU',
          get weights() {
            return [
              stacked(parts, 'kernel', { rows: parts.inputSize, gates }),
              stacked(parts, 'recurrent_kernel', { rows: units, gates }),
              ...(config.use_bias ? [operatorBias(parts, gates, { ofState: reset_after })] : []),
            ];
          },
          attributes: { ...activations, linear_before_reset: reset_after ? 1 : 0 },
        }
      : undefined,
  };
}

export function lstmCell(config: z.infer<typeof cellSchemas.LSTM>, parts: Parts): Cell {
  const { units } = config;
  const { kernel, recurrent, bias } = matrices(parts, 4);
  const gates = [0, 3, 1, 2]; // Keras: input, forget, cell, output; ONNX: input, output, forget, cell
  const activations = operatorActivations([config.recurrent_activation, config.activation, config.activation]);
  return {
    states: [[units], [units]],
    step(nodes, x, [h, c]) {
      const gate = (value: Value) => apply(nodes, value, config.recurrent_activation);
      const seen = nodes.op('Add', [nodes.op('MatMul', [x, kernel()]), nodes.op('MatMul', [h as Value, recurrent()])]);
      const all = config.use_bias ? nodes.op('Add', [seen, bias()]) : seen;
      const [i, f, g, o] = split(nodes, all, [units, units, units, units]) as [Value, Value, Value, Value];
      return lstmStates(
        nodes,
        { i, f, g, o, c: c as Value },
        { gate, activation: (value) => apply(nodes, value, config.activation) },
      );
    },
    operator: activations
      ? {
          opType: 'LSTM',
          get weights() {
            return [
              stacked(parts, 'kernel', { rows: parts.inputSize, gates }),
              stacked(parts, 'recurrent_kernel', { rows: units, gates }),
              ...(config.use_bias ? [operatorBias(parts, gates)] : []),
            ];
          },
          attributes: activations,
        }
      : undefined,
  };
}

/** From the four sums of an LSTM to its output and states. */
export function lstmStates(
  nodes: Nodes,
  { i, f, g, o, c }: Record<'i' | 'f' | 'g' | 'o' | 'c', Value>,
  { gate, activation }: { gate: (value: Value) => Value; activation: (value: Value) => Value },
): { output: Value; states: Value[] } {
  const kept = nodes.op('Mul', [gate(f), c]);
  const carry = nodes.op('Add', [kept, nodes.op('Mul', [gate(i), activation(g)])]);
  const output = nodes.op('Mul', [gate(o), activation(carry)]);
  return { output, states: [output, carry] };
}
