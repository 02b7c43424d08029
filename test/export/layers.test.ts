import { describe, expect, test } from 'vitest';
import { addLayers } from '../../export/layers/addLayers.ts';
import { type Dimension, GraphBuilder } from '../../export/onnx/graph.ts';
import { tf } from '../../training/tensorflow/load.ts';
import { asSaved, randomizeWeights } from './support/layersModel.ts';
import { largestDifference, runGraph } from './support/runGraph.ts';

type Symbolic = tf.SymbolicTensor;
const { layers } = tf;

/** Each: what is between input and output; the input's shape. */
const models: Record<string, { input: number[]; build: (input: Symbolic) => Symbolic }> = {
  'Conv2D same, stride 1': {
    input: [7, 6, 3],
    build: (x) => layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(x) as Symbolic,
  },
  'Conv2D same, stride 2, odd sizes': {
    input: [7, 9, 3],
    build: (x) => layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }).apply(x) as Symbolic,
  },
  'Conv2D same, stride 2, even sizes: one more row below than above': {
    input: [8, 6, 1],
    build: (x) => layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }).apply(x) as Symbolic,
  },
  'Conv2D same, even kernel, unequal strides': {
    input: [8, 11, 2],
    build: (x) =>
      layers.conv2d({ filters: 3, kernelSize: [4, 2], strides: [3, 2], padding: 'same' }).apply(x) as Symbolic,
  },
  'Conv2D same, stride above the kernel': {
    input: [10, 10, 2],
    build: (x) => layers.conv2d({ filters: 3, kernelSize: 2, strides: 3, padding: 'same' }).apply(x) as Symbolic,
  },
  'Conv2D valid, dilated, with sigmoid': {
    input: [9, 9, 2],
    build: (x) =>
      layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: 2, activation: 'sigmoid' }).apply(x) as Symbolic,
  },
  'Conv2D without bias, BatchNormalization, ReLU': {
    input: [6, 5, 3],
    build: (x) => {
      const convolved = layers.conv2d({ filters: 4, kernelSize: 3, useBias: false }).apply(x);
      return layers.reLU().apply(layers.batchNormalization({ epsilon: 1e-5 }).apply(convolved)) as Symbolic;
    },
  },
  'Conv2D with bias, BatchNormalization without gamma and beta': {
    input: [6, 5, 3],
    build: (x) => {
      const convolved = layers.conv2d({ filters: 4, kernelSize: 3 }).apply(x);
      return layers.batchNormalization({ center: false, scale: false }).apply(convolved) as Symbolic;
    },
  },
  'Conv2D whose result is used twice, once normalised': {
    input: [6, 5, 3],
    build: (x) => {
      const convolved = layers.conv2d({ filters: 4, kernelSize: 3 }).apply(x) as Symbolic;
      return layers.add().apply([convolved, layers.batchNormalization().apply(convolved) as Symbolic]) as Symbolic;
    },
  },
  'Conv2D with ReLU inside, then BatchNormalization': {
    input: [6, 5, 3],
    build: (x) => {
      const convolved = layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }).apply(x);
      return layers.batchNormalization().apply(convolved) as Symbolic;
    },
  },
  'BatchNormalization of the input': {
    input: [4, 4, 3],
    build: (x) => layers.batchNormalization().apply(x) as Symbolic,
  },
  'Dense, BatchNormalization, tanh': {
    input: [5],
    build: (x) => {
      const normalised = layers.batchNormalization().apply(layers.dense({ units: 4 }).apply(x));
      return layers.activation({ activation: 'tanh' }).apply(normalised) as Symbolic;
    },
  },
  'Dense softmax without bias': {
    input: [5],
    build: (x) => layers.dense({ units: 4, useBias: false, activation: 'softmax' }).apply(x) as Symbolic,
  },
  'softmax over the channels of pixels': {
    input: [3, 2, 4],
    build: (x) => layers.activation({ activation: 'softmax' }).apply(x) as Symbolic,
  },
  'elu, selu, softplus, softsign one after another': {
    input: [6],
    build: (x) =>
      (['elu', 'selu', 'softplus', 'softsign'] as const).reduce<Symbolic>(
        (y, activation) => layers.activation({ activation }).apply(y) as Symbolic,
        x,
      ),
  },
  'ReLU up to a maximum': { input: [6], build: (x) => layers.reLU({ maxValue: 0.5 }).apply(x) as Symbolic },
  'MaxPooling2D valid, odd sizes': {
    input: [7, 5, 2],
    build: (x) => layers.maxPooling2d({ poolSize: 2 }).apply(x) as Symbolic,
  },
  'MaxPooling2D same': {
    input: [7, 6, 2],
    build: (x) => layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(x) as Symbolic,
  },
  'AveragePooling2D same: padding does not count': {
    input: [7, 6, 2],
    build: (x) => layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(x) as Symbolic,
  },
  GlobalMaxPooling2D: { input: [4, 3, 5], build: (x) => layers.globalMaxPooling2d({}).apply(x) as Symbolic },
  GlobalAveragePooling2D: { input: [4, 3, 5], build: (x) => layers.globalAveragePooling2d({}).apply(x) as Symbolic },
  'Flatten keeps rows, columns, channels in this order': {
    input: [4, 3, 5],
    build: (x) => layers.flatten().apply(x) as Symbolic,
  },
  'ZeroPadding2D, unequal sides': {
    input: [4, 3, 2],
    build: (x) => layers.zeroPadding2d({ padding: [[0, 1], [2, 3]] }).apply(x) as Symbolic, // biome-ignore format: one line
  },
  'Concatenate over rows, columns and channels': {
    input: [2, 3, 4],
    build: (x) =>
      [1, 2, 3, -1].reduce<Symbolic>((y, axis) => {
        const shifted = layers.activation({ activation: 'sigmoid' }).apply(y) as Symbolic;
        return layers.concatenate({ axis }).apply([y, shifted]) as Symbolic;
      }, x),
  },
  'Add of three': {
    input: [2, 3, 4],
    build: (x) => {
      const others = (['sigmoid', 'tanh'] as const).map(
        (activation) => layers.activation({ activation }).apply(x) as Symbolic,
      );
      return layers.add().apply([x, ...others]) as Symbolic;
    },
  },
  'Dropout does nothing': {
    input: [6],
    build: (x) => layers.dropout({ rate: 0.5 }).apply(x) as Symbolic,
  },
};

describe('a Keras layer gives in ONNX Runtime what it gives in TensorFlow', () => {
  for (const [name, { input, build }] of Object.entries(models)) {
    test.each([1, 5])(`${name}, batch %i`, async (batch) => {
      const start = tf.input({ shape: input });
      const model = randomizeWeights(tf.model({ inputs: start, outputs: build(start) }), 7);
      const values = tf.randomUniform([batch, ...input], -1, 1, 'float32', 11);
      const expected = model.predict(values) as tf.Tensor;

      const isPicture = input.length === 3;
      const toOnnx = (tensor: tf.Tensor) => (tensor.rank === 4 ? tensor.transpose([0, 3, 1, 2]) : tensor);
      const { graph, outputs } = await graphOf(model, isPicture ? ([input[2], input[0], input[1]] as number[]) : input);
      const fed = toOnnx(values);
      const { result } = await runGraph(graph, { x: { shape: fed.shape, data: fed.dataSync<'float32'>() } });
      const wanted = toOnnx(expected);
      expect(result?.shape).toEqual(wanted.shape);
      expect(outputs).toEqual(['batch', ...wanted.shape.slice(1)]);
      expect(largestDifference(result?.data ?? [], wanted.dataSync())).toBeLessThan(5e-6);
    });
  }
});

async function graphOf(
  model: tf.LayersModel,
  inputShape: number[],
): Promise<{ graph: GraphBuilder; outputs: Dimension[] }> {
  const graph = new GraphBuilder({ name: 'test', doc: '' });
  const x = graph.input({ name: 'x', type: 'float32', shape: ['batch', ...inputShape] }, '');
  const saved = await asSaved(model);
  const [result] = addLayers(saved, { graph, prefix: 'net', inputs: { [saved.inputs[0] as string]: x } });
  if (!result) throw new Error('The model has no output.');
  graph.output(result, 'result', '');
  return { graph, outputs: result.shape };
}
