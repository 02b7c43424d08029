import type { Case, Symbolic } from '../support/parity.ts';
import { tf } from '../support/tfjs.ts';

const { layers } = tf;
const names = [
  'elu', 'gelu', 'gelu_new', 'hardSigmoid', 'linear', 'logSoftmax', 'mish', 'relu', 'relu6', 'selu', 'sigmoid', 'softmax', 'softplus',
  'softsign', 'swish', 'tanh',
] as const; // biome-ignore format: a list

const alone = (name: string, input: number[]): Case => ({
  inputs: [input],
  build: (x) => {
    const wide = layers.dense({ units: 6 }).apply(x) as Symbolic;
    return layers.activation({ activation: name as 'relu' }).apply(wide) as Symbolic;
  },
});

const inside = (name: string): Case => ({
  inputs: [[6, 5, 3]],
  build: (x) => layers.conv2d({ filters: 4, kernelSize: 3, activation: name as 'relu' }).apply(x) as Symbolic,
});

// tfjs writes gelu_new as it is and reads it as geluNew, which it does not know: it cannot load its own file.
export const activations: Record<string, Case> = Object.fromEntries(
  names.flatMap((name) => [
    [`Activation ${name} of rows`, alone(name, [5])],
    [`Activation ${name} of sequences`, alone(name, [4, 5])],
    [`Activation ${name} in a Conv2D`, inside(name)],
  ]),
);

const single = (input: number[], make: (x: Symbolic) => unknown): Case => ({
  inputs: [input],
  build: (x) => make(x) as Symbolic,
});
/** Behind a convolution: channels stand before pixels. */
const behind = (make: (x: Symbolic) => unknown): Case =>
  single([6, 5, 3], (x) => make(layers.conv2d({ filters: 4, kernelSize: 3 }).apply(x) as Symbolic));

export const activationLayers: Record<string, Case> = {
  ReLU: single([6], (x) => layers.reLU().apply(x)),
  'ReLU up to a maximum': single([6], (x) => layers.reLU({ maxValue: 0.5 }).apply(x)),
  LeakyReLU: single([6], (x) => layers.leakyReLU({ alpha: 0.1 }).apply(x)),
  'LeakyReLU by default': single([6], (x) => layers.leakyReLU().apply(x)),
  ELU: single([6], (x) => layers.elu().apply(x)),
  ThresholdedReLU: single([6], (x) => layers.thresholdedReLU({ theta: 0.3 }).apply(x)),
  'PReLU of rows': single([6], (x) => layers.prelu().apply(x)),
  'PReLU behind a convolution': behind((x) => layers.prelu().apply(x)),
  'PReLU with shared pixels': behind((x) => layers.prelu({ sharedAxes: [1, 2] }).apply(x)),
  'PReLU of a flattened row': behind((x) => layers.prelu().apply(layers.flatten().apply(x))),
  'Softmax over the last axis': single([4, 6], (x) => layers.softmax({ axis: -1 }).apply(x)),
  'Softmax over channels behind a convolution': behind((x) => layers.softmax({ axis: 3 }).apply(x)),
  'Softmax over two axes': single([4, 3, 5], (x) => layers.softmax({ axis: [1, 2] as unknown as number }).apply(x)),
  'Softmax of a flattened row': behind((x) => layers.softmax({ axis: 1 }).apply(layers.flatten().apply(x))),
};
