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

/** Keras writes a layer in the place of an activation as an object; tfjs reads it. */
const as =
  (className: string, config: object, of: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: JSON in a form that tfjs does not write
  (json: any): void => {
    // biome-ignore lint/suspicious/noExplicitAny: JSON in a form that tfjs does not write
    const put = (layer: any): void => {
      if (layer.class_name === of) layer.config.activation = { class_name: className, config };
      else if (layer.config.layer) put(layer.config.layer);
    };
    json.modelTopology.config.layers.forEach(put);
  };
const places: [of: string, input: number[], make: (x: Symbolic) => unknown][] = [
  ['Dense', [4, 5], (x) => layers.dense({ units: 4 }).apply(x)],
  ['Conv2D', [6, 5, 3], (x) => layers.conv2d({ filters: 4, kernelSize: 3 }).apply(x)],
  ['LSTM', [6, 3], (x) => layers.lstm({ units: 4 }).apply(x)],
  ['Activation', [6, 3], (x) => layers.activation({ activation: 'relu' }).apply(x)],
  [
    'GRU',
    [6, 3],
    (x) => layers.bidirectional({ layer: layers.gru({ units: 3 }) as never, mergeMode: 'concat' }).apply(x),
  ],
];
const settings: [className: string, config: object][] = [
  ['LeakyReLU', { alpha: 0.1, name: 'leaky', trainable: true, dtype: 'float32' }],
  ['LeakyReLU', {}],
  ['ReLU', { max_value: 0.5, negative_slope: 0, threshold: 0 }],
  ['ThresholdedReLU', { theta: 0.2 }],
  ['Softmax', { axis: -1 }],
];

export const layersAsActivations: Record<string, Case> = Object.fromEntries(
  settings.flatMap(([className, config]) =>
    places.map(([of, input, make]) => [
      `${className} ${JSON.stringify(config)} of ${of}`,
      {
        ...single(input, make),
        edit: as(className, config, of),
        tolerance: 1e-4,
        ...(of === 'GRU' && { warns: /forgets the settings of a layer as an activation/ }),
      },
    ]),
  ),
);

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
