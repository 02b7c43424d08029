import { z } from 'zod';
import type { Value } from '../onnx/value.ts';
import type { Nodes } from './nodes.ts';
import { axisIn, sameOrderAs, type Tensor } from './tensor.ts';

type Activation = (nodes: Nodes, tensor: Tensor) => Value;

const single =
  (opType: string, attributes: Record<string, unknown> = {}): Activation =>
  (nodes, { value }) =>
    nodes.op(opType, [value], attributes);

/** Over Keras' last axis, wherever it stands. */
const overLast =
  (opType: string): Activation =>
  (nodes, tensor) => {
    if (tensor.flattened) return nodes.op(opType, [nodes.plain(tensor)], { axis: 1 });
    return nodes.op(opType, [tensor.value], { axis: axisIn(tensor, -1) });
  };

/** As `activations.ts` of tfjs-layers 4.22 defines them; those below the line are Keras' alone. */
const activations: Record<string, Activation> = {
  linear: (_, { value }) => value,
  elu: single('Elu'),
  gelu: (nodes, { value }) => {
    const scaled = nodes.op('Mul', [value, nodes.scalar(Math.SQRT1_2)]);
    const doubled = nodes.op('Add', [nodes.op('Erf', [scaled]), nodes.scalar(1)]);
    return nodes.op('Mul', [value, nodes.op('Mul', [doubled, nodes.scalar(0.5)])]);
  },
  gelu_new: (nodes, { value }) => {
    const squared = nodes.op('Mul', [value, value]);
    const cubed = nodes.op('Mul', [nodes.op('Mul', [squared, value]), nodes.scalar(0.044715)]);
    const inner = nodes.op('Mul', [nodes.op('Add', [value, cubed]), nodes.scalar(Math.sqrt(2 / Math.PI))]);
    const doubled = nodes.op('Add', [nodes.op('Tanh', [inner]), nodes.scalar(1)]);
    return nodes.op('Mul', [value, nodes.op('Mul', [doubled, nodes.scalar(0.5)])]);
  },
  // 0.2 x + 0.5, ONNX's default: Keras 3 has x / 6 + 0.5 instead.
  hard_sigmoid: single('HardSigmoid', { alpha: 0.2, beta: 0.5 }),
  log_softmax: overLast('LogSoftmax'),
  mish: (nodes, { value }) => nodes.op('Mul', [value, nodes.op('Tanh', [nodes.op('Softplus', [value])])]),
  relu: single('Relu'),
  relu6: (nodes, { value }) => nodes.op('Clip', [value, nodes.scalar(0), nodes.scalar(6)]),
  selu: single('Selu'),
  sigmoid: single('Sigmoid'),
  softmax: overLast('Softmax'),
  softplus: single('Softplus'),
  softsign: single('Softsign'),
  swish: (nodes, { value }) => nodes.op('Mul', [value, nodes.op('Sigmoid', [value])]),
  tanh: single('Tanh'),

  celu: single('Celu', { alpha: 1 }),
  exponential: single('Exp'),
  hard_shrink: single('Shrink', { lambd: 0.5, bias: 0 }),
  hard_silu: single('HardSwish'),
  hard_swish: single('HardSwish'),
  hard_tanh: (nodes, { value }) => nodes.op('Clip', [value, nodes.scalar(-1), nodes.scalar(1)]),
  leaky_relu: single('LeakyRelu', { alpha: 0.2 }),
  log_sigmoid: (nodes, { value }) =>
    nodes.op('Neg', [nodes.op('Softplus', [nodes.op('Neg', [value], {}, 'negative')])]),
  soft_shrink: single('Shrink', { lambd: 0.5, bias: 0.5 }),
  squareplus: (nodes, { value }) => {
    const root = nodes.op('Sqrt', [nodes.op('Add', [nodes.op('Mul', [value, value]), nodes.scalar(4)])]);
    return nodes.op('Mul', [nodes.op('Add', [value, root]), nodes.scalar(0.5)]);
  },
  tanh_shrink: (nodes, { value }) => nodes.op('Sub', [value, nodes.op('Tanh', [value])]),
  silu: (nodes, tensor) => (activations.swish as Activation)(nodes, tensor),
};

const names = Object.keys(activations);

/** A name as Keras, Keras 3 or tfjs writes it (`hard_sigmoid`, `hardSigmoid`, an object around either); null: linear. */
export const activationSchema = z.preprocess(
  (value) => normalised(value),
  z.enum(names as [string, ...string[]], {
    error: ({ input }) =>
      `Expected an activation (${names.join(', ')}) but received ${JSON.stringify(input).slice(0, 100)}`,
  }),
);

function normalised(value: unknown): unknown {
  if (value == null) return 'linear';
  if (typeof value === 'object') {
    const { class_name, className = class_name, config } = value as Record<string, unknown>;
    if (className === undefined) return value; // a function's code
    if (className !== 'function' && className !== 'Activation')
      return hasSettings(config) ? value : normalised(className);
    return normalised(typeof config === 'string' ? config : (config as { activation?: unknown })?.activation);
  }
  if (typeof value !== 'string') return value;
  const snake = value.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return snake.replace('re_lu', 'relu').replace(/^relu_6$/, 'relu6');
}

/** Whether a layer written in the place of an activation is set to anything. */
function hasSettings(config: unknown): boolean {
  return Object.entries(config ?? {}).some(([key, value]) => value != null && !/^(name|dtype|trainable)$/.test(key));
}

/** For recurrent layers, where a missing activation is `fallback` and null is linear. */
export function activationOr(fallback: string) {
  return z.preprocess((value) => (value === undefined ? fallback : value), activationSchema);
}

/** @returns the numbers in the tensor's own order, but where they were flattened and an activation over an axis needs Keras'. */
export function activate(nodes: Nodes, tensor: Tensor, activation: string): Tensor {
  const value = (activations[activation] as Activation)(nodes, tensor);
  if (!tensor.flattened || /softmax/.test(activation)) return { value, order: tensor.order };
  return value === tensor.value ? tensor : sameOrderAs(tensor, value);
}
