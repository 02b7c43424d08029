import { z } from 'zod';
import type { Value } from '../onnx/value.ts';
import { type ActivationLayer, activationLayers } from './activationLayers.ts';
import { snakeCase, snakeCaseKeys } from './keras/names.ts';
import type { Nodes } from './nodes.ts';
import { axisIn, sameOrderAs, type Tensor } from './tensor.ts';

type Computation = (nodes: Nodes, tensor: Tensor) => Value;

const single =
  (opType: string, attributes: Record<string, unknown> = {}): Computation =>
  (nodes, { value }) =>
    nodes.op(opType, [value], attributes);

/** Over Keras' last axis, wherever it stands. */
const overLast =
  (opType: string): Computation =>
  (nodes, tensor) => {
    if (tensor.flattened) return nodes.op(opType, [nodes.plain(tensor)], { axis: 1 });
    return nodes.op(opType, [tensor.value], { axis: axisIn(tensor, -1) });
  };

/** As `activations.ts` of tfjs-layers 4.22 defines them; those below the line are Keras' alone. */
const activations: Record<string, Computation> = {
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
  silu: (nodes, tensor) => (activations.swish as Computation)(nodes, tensor),
};

const names = Object.keys(activations);

/** An activation by its name here, or what a layer in the place of one computes. */
export type Activation = string | ((nodes: Nodes, tensor: Tensor) => Tensor);

/**
 * A name as Keras, Keras 3 or tfjs writes it (`hard_sigmoid`, `hardSigmoid`, an object around either), or a layer without weights as an
 * object, or by its class as tfjs writes it; null: linear.
 */
export const activationSchema = z
  .unknown()
  .optional()
  .transform((value, context): Activation => {
    const activation = parse(value);
    if (activation !== null) return activation;
    context.addIssue(
      `Expected an activation (${names.join(', ')}), or a layer without weights as one (${Object.keys(activationLayers).join(', ')}), ` +
        `but received ${JSON.stringify(value).slice(0, 100)}`,
    );
    return z.NEVER;
  });

/** @returns null where it is none. */
function parse(value: unknown): Activation | null {
  if (value == null) return 'linear';
  if (typeof value === 'object') {
    const { class_name, className = class_name, config } = value as Record<string, unknown>;
    if (typeof className !== 'string') return null; // a function's code
    if (className === 'function' || className === 'Activation')
      return parse(typeof config === 'string' ? config : (config as { activation?: unknown } | null)?.activation);
    const settings = config && typeof config === 'object' ? snakeCaseKeys(config as Record<string, unknown>) : {};
    if (Object.hasOwn(activationLayers, className)) return layerActivation(className, settings);
    return Object.entries(settings).some(isSetting) ? null : parse(className);
  }
  if (typeof value !== 'string') return null;
  if (Object.hasOwn(activationLayers, value)) return layerActivation(value, {});
  const name = snakeCase(value)
    .replace('re_lu', 'relu')
    .replace(/^relu_6$/, 'relu6');
  return names.includes(name) ? name : null;
}

/** Whether a setting changes what a layer computes. */
function isSetting([key, value]: [string, unknown]): boolean {
  return value != null && !/^(name|dtype|trainable)$/.test(key);
}

function layerActivation(className: string, settings: Record<string, unknown>): Activation | null {
  const unread = [settings.negative_slope, settings.threshold].flat().some(Boolean);
  if (className === 'ReLU' && unread) return null; // tfjs does not read them
  const { config, apply } = activationLayers[className as 'ELU'] as ActivationLayer<unknown>;
  const result = config.safeParse(settings);
  return result.success ? (nodes, tensor) => apply(nodes, tensor, result.data) : null;
}

/** For recurrent layers, where a missing activation is `fallback` and null is linear. */
export function activationOr(fallback: string) {
  return z.preprocess((value) => (value === undefined ? fallback : value), activationSchema);
}

/** @returns the numbers in the tensor's own order, but where they were flattened and an activation over an axis needs Keras'. */
export function activate(nodes: Nodes, tensor: Tensor, activation: Activation): Tensor {
  if (typeof activation !== 'string') return activation(nodes, tensor);
  const value = (activations[activation] as Computation)(nodes, tensor);
  if (!tensor.flattened || /softmax/.test(activation)) return { value, order: tensor.order };
  return value === tensor.value ? tensor : sameOrderAs(tensor, value);
}
