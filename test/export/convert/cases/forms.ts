import type { Case, Symbolic } from '../support/parity.ts';
import { tf } from '../support/tfjs.ts';

const { layers } = tf;

// What tfjs reads and mostly does not write itself: whole numbers as inputs, other names of weights, other places for shapes.

const of = (input: (number | null)[], make: (x: Symbolic) => unknown, more: Partial<Case> = {}): Case => ({
  inputs: [input],
  build: (x) => make(x) as Symbolic,
  ...more,
});
const whole = (input: number[], make: (x: Symbolic) => unknown): Case =>
  of(input, make, { dtype: 'int32', holds: 'indices', tolerance: 1e-4 });
const bits = (input: number[], make: (x: Symbolic) => unknown): Case =>
  of(input, make, { dtype: 'bool', holds: 'bits' });

export const wholeNumbers: Record<string, Case> = {
  Dense: whole([5], (x) => layers.dense({ units: 3 }).apply(x)),
  'Dense of sequences': whole([4, 5], (x) => layers.dense({ units: 3, activation: 'tanh' }).apply(x)),
  'Flatten and Dense': whole([3, 2, 2], (x) => layers.dense({ units: 3 }).apply(layers.flatten().apply(x))),
  'Flatten, ReLU, MaxPooling2D': whole([4, 4, 2], (x) =>
    layers.flatten().apply(layers.reLU().apply(layers.maxPooling2d({}).apply(x))),
  ),
  'ZeroPadding2D and UpSampling2D': whole([3, 3, 2], (x) =>
    layers.upSampling2d({}).apply(layers.zeroPadding2d({}).apply(x)),
  ),
  'Masking and LSTM': whole([5, 3], (x) => layers.lstm({ units: 2 }).apply(layers.masking({}).apply(x))),
  'Bidirectional GRU': whole([5, 3], (x) =>
    layers.bidirectional({ layer: layers.gru({ units: 2 }) as never, mergeMode: 'concat' }).apply(x),
  ),
  GlobalAveragePooling2D: whole([3, 3, 2], (x) => layers.globalAveragePooling2d({}).apply(x)),
  'RepeatVector, Permute, Reshape': whole([4], (x) =>
    layers
      .reshape({ targetShape: [2, 6] })
      .apply(layers.permute({ dims: [2, 1] }).apply(layers.repeatVector({ n: 3 }).apply(x))),
  ),
  'TimeDistributed Dense': whole([4, 3], (x) => layers.timeDistributed({ layer: layers.dense({ units: 2 }) }).apply(x)),
  'TimeDistributed Embedding': whole([4, 3], (x) =>
    layers.timeDistributed({ layer: layers.embedding({ inputDim: 7, outputDim: 2 }) }).apply(x),
  ),
  'Embedding beside the numbers themselves': whole([4], (x) =>
    layers
      .concatenate()
      .apply([layers.flatten().apply(layers.embedding({ inputDim: 7, outputDim: 2 }).apply(x)) as Symbolic, x]),
  ),
  'Average of two': {
    ...whole([4], () => null),
    inputs: [[4], [4]],
    build: (x, y) => layers.average().apply([x as Symbolic, y as Symbolic]) as Symbolic,
  },
  'Add and Maximum of two': {
    ...whole([4], () => null),
    inputs: [[4], [4]],
    build: (x, y) => {
      const sum = layers.add().apply([x as Symbolic, y as Symbolic]) as Symbolic;
      return layers.maximum().apply([sum, y as Symbolic]) as Symbolic;
    },
  },
  'Dense of truth values': bits([5], (x) => layers.dense({ units: 3 }).apply(x)),
  'Flatten and Dense of truth values': bits([3, 2], (x) => layers.dense({ units: 3 }).apply(layers.flatten().apply(x))),
};

// biome-ignore lint/suspicious/noExplicitAny: JSON in the forms that other programs write
type Json = any;
const layerOf = (json: Json, className: string) =>
  json.modelTopology.config.layers.find(({ class_name }: Json) => class_name === className).config;
/** Keras 3 counts the weights of a layer. */
const counted =
  (path: string) =>
  (json: Json): void => {
    const counts = new Map<string, number>();
    for (const weight of json.weightsManifest[0].weights) {
      const layer = weight.name.replace(/\/[^/]*$/, '');
      const place = counts.get(layer) ?? 0;
      counts.set(layer, place + 1);
      weight.name = `${layer}/${path}${place}`;
    }
  };
const network = (x: Symbolic) => {
  const separable = layers.separableConv2d({ filters: 3, kernelSize: 2 }).apply(layers.layerNormalization().apply(x));
  const normal = layers.batchNormalization({ scale: false }).apply(layers.prelu().apply(separable));
  const steps = layers.reshape({ targetShape: [4, 15] }).apply(layers.batchNormalization().apply(normal));
  const walked = layers.gru({ units: 3 }).apply(layers.lstm({ units: 4, returnSequences: true }).apply(steps));
  return layers.dense({ units: 2, useBias: false }).apply(walked);
};

export const writtenForms: Record<string, Case> = {
  'weights that are counted, as Keras 3 does': of([5, 6, 2], network, { edit: counted(''), tolerance: 1e-4 }),
  'weights that are counted in folders': of([5, 6, 2], network, { edit: counted('vars/'), tolerance: 1e-4 }),
  'weights of both halves that are counted through': of(
    [4, 3],
    (x) => layers.bidirectional({ layer: layers.lstm({ units: 2 }) as never, mergeMode: 'concat' }).apply(x),
    {
      tolerance: 1e-4,
      edit: (json) => {
        json.weightsManifest[0].weights.forEach((weight: Json, i: number) => {
          weight.name = weight.name.replace(/[^/]*$/, `${i}`);
        });
      },
    },
  ),
  'Conv1D of channels_first: tfjs gives channels last': of(
    [3, 8],
    (x) => layers.conv1d({ filters: 2, kernelSize: 3, dataFormat: 'channelsFirst', activation: 'softmax' }).apply(x),
    {
      edit: (json) => Object.assign(layerOf(json, 'Conv1D'), { data_format: 'channels_first' }),
      warns: /channels of a Conv1D last/,
    },
  ),
  'MaxPooling1D of channels_first, which tfjs does not read': of([6, 4], (x) => layers.maxPooling1d({}).apply(x), {
    edit: (json) => Object.assign(layerOf(json, 'MaxPooling1D'), { data_format: 'channels_first' }),
  }),
  'GlobalMaxPooling1D of channels_first, which tfjs does not read': of(
    [6, 4],
    (x) => layers.globalMaxPooling1d({}).apply(x),
    { edit: (json) => Object.assign(layerOf(json, 'GlobalMaxPooling1D'), { data_format: 'channels_first' }) },
  ),
  'SeparableConv2D of a depth multiplier, which tfjs reads and does not write': of(
    [5, 6, 3],
    (x) => layers.separableConv2d({ filters: 4, kernelSize: 3, depthMultiplier: 2 }).apply(x),
    { edit: (json) => Object.assign(layerOf(json, 'SeparableConv2D'), { depth_multiplier: 2 }) },
  ),
  'numbers that are lists of one': of(
    [4],
    (x) =>
      layers.leakyReLU({ alpha: 0.2 }).apply(layers.reLU({ maxValue: 0.3 }).apply(layers.dense({ units: 3 }).apply(x))),
    {
      edit: (json) => {
        Object.assign(layerOf(json, 'ReLU'), { max_value: [0.3], negative_slope: [0], threshold: [0] });
        layerOf(json, 'LeakyReLU').alpha = [0.2];
      },
    },
  ),
  'a model without a name': of([4], (x) => layers.dense({ units: 2 }).apply(x), {
    edit: (json) => {
      json.modelTopology.config.name = null;
    },
  }),
  'a call with arguments for training': of(
    [4],
    (x) => layers.dense({ units: 2 }).apply(layers.dropout({ rate: 0.5 }).apply(x)),
    {
      edit: (json) => {
        json.modelTopology.config.layers[1].inbound_nodes[0][0][3] = { training: true, mask: null };
      },
    },
  ),
};
