import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { elementCount } from '#core/elementCount.ts';
import { Random } from '#core/random.ts';
import { modelGraph } from '../../../export/convert/modelGraph.ts';
import { modelBytes } from '../../../export/onnx/model.ts';
import { readFiles, tf } from './support/tfjs.ts';

// Layers and settings that Keras has and tfjs does not load: compared with tfjs' operators, or with Keras' formula.

interface Weight {
  name: string;
  shape: number[];
  data: Float32Array;
}
interface Case {
  shapes: number[][];
  className: string;
  config: Record<string, unknown>;
  weights?: [name: string, shape: number[]][];
  /** Names of weights that are above 0. */
  positive?: RegExp;
  expected: (inputs: tf.Tensor[], weights: Record<string, tf.Tensor>) => tf.Tensor;
}

const cases: Record<string, Case> = {
  Subtract: {
    shapes: [[4], [4]],
    className: 'Subtract',
    config: {},
    expected: ([a, b]) => tf.sub(a as tf.Tensor, b as tf.Tensor),
  },
  ZeroPadding1D: { shapes: [[4, 2]], className: 'ZeroPadding1D', config: { padding: [1, 2] }, expected: ([x]) => tf.pad(x as tf.Tensor, [[0, 0], [1, 2], [0, 0]]) }, // biome-ignore format: pairs
  ZeroPadding3D: { shapes: [[2, 3, 2, 2]], className: 'ZeroPadding3D', config: { padding: [[1, 0], [0, 2], [1, 1]] }, expected: ([x]) => tf.pad(x as tf.Tensor, [[0, 0], [1, 0], [0, 2], [1, 1], [0, 0]]) }, // biome-ignore format: pairs
  Cropping1D: {
    shapes: [[6, 2]],
    className: 'Cropping1D',
    config: { cropping: [1, 2] },
    expected: ([x]) => tf.slice(x as tf.Tensor, [0, 1, 0], [-1, 3, -1]),
  },
  Cropping3D: {
    shapes: [[4, 5, 4, 2]],
    className: 'Cropping3D',
    config: { cropping: 1 },
    expected: ([x]) => tf.slice(x as tf.Tensor, [0, 1, 1, 1, 0], [-1, 2, 3, 2, -1]),
  },
  UpSampling1D: {
    shapes: [[3, 2]],
    className: 'UpSampling1D',
    config: { size: 3 },
    expected: ([x]) => tf.gather(x as tf.Tensor, [0, 0, 0, 1, 1, 1, 2, 2, 2], 1),
  },
  UpSampling3D: {
    shapes: [[2, 1, 2, 2]],
    className: 'UpSampling3D',
    config: { size: [1, 3, 2] },
    expected: ([x]) => tf.gather(tf.gather(x as tf.Tensor, [0, 0, 0], 2), [0, 0, 1, 1], 3),
  },
  GlobalAveragePooling3D: {
    shapes: [[2, 3, 2, 4]],
    className: 'GlobalAveragePooling3D',
    config: {},
    expected: ([x]) => tf.mean(x as tf.Tensor, [1, 2, 3]),
  },
  GlobalMaxPooling3D: {
    shapes: [[2, 3, 2, 4]],
    className: 'GlobalMaxPooling3D',
    config: {},
    expected: ([x]) => tf.max(x as tf.Tensor, [1, 2, 3]),
  },
  'Conv1D, causal': {
    shapes: [[7, 2]],
    className: 'Conv1D',
    config: { filters: 3, kernel_size: [3], dilation_rate: [2], padding: 'causal', use_bias: false },
    weights: [['kernel', [3, 2, 3]]],
    expected: ([x], { kernel }) => tf.conv1d(tf.pad(x as tf.Tensor, [[0, 0], [4, 0], [0, 0]]) as tf.Tensor3D, kernel as tf.Tensor3D, 1, 'valid', 'NWC', 2), // biome-ignore format: pairs
  },
  'Conv2D in groups': {
    shapes: [[5, 4, 4]],
    className: 'Conv2D',
    config: { filters: 6, kernel_size: [2, 3], groups: 2, use_bias: false },
    weights: [['kernel', [2, 3, 2, 6]]],
    expected: ([x], { kernel }) => {
      const [a, b] = tf.split(x as tf.Tensor4D, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
      const [first, second] = tf.split(kernel as tf.Tensor4D, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
      return tf.concat([tf.conv2d(a, first, 1, 'valid'), tf.conv2d(b, second, 1, 'valid')], 3);
    },
  },
  Conv1DTranspose: {
    shapes: [[5, 2]],
    className: 'Conv1DTranspose',
    config: { filters: 3, kernel_size: 4, strides: 2, padding: 'same', use_bias: false },
    weights: [['kernel', [4, 3, 2]]],
    expected: ([x], { kernel }) =>
      tf
        .conv2dTranspose(
          (x as tf.Tensor).expandDims(2) as tf.Tensor4D,
          (kernel as tf.Tensor).expandDims(1) as tf.Tensor4D,
          [2, 10, 1, 3],
          [2, 1],
          'same',
        )
        .squeeze([2]),
  },
  SeparableConv1D: {
    shapes: [[6, 2]],
    className: 'SeparableConv1D',
    config: { filters: 3, kernel_size: 3, depth_multiplier: 2, use_bias: false },
    weights: [['depthwise_kernel', [3, 2, 2]], ['pointwise_kernel', [1, 4, 3]]], // biome-ignore format: pairs
    expected: ([x], { depthwise_kernel, pointwise_kernel }) =>
      tf
        .separableConv2d(
          (x as tf.Tensor).expandDims(2) as tf.Tensor4D,
          (depthwise_kernel as tf.Tensor).expandDims(1) as tf.Tensor4D,
          (pointwise_kernel as tf.Tensor).expandDims(0) as tf.Tensor4D,
          1,
          'valid',
        )
        .squeeze([2]),
  },
  exponential: {
    shapes: [[4]],
    className: 'Activation',
    config: { activation: 'exponential' },
    expected: ([x]) => tf.exp(x as tf.Tensor),
  },
  silu: {
    shapes: [[4]],
    className: 'Activation',
    config: { activation: 'silu' },
    expected: ([x]) => tf.mul(x as tf.Tensor, tf.sigmoid(x as tf.Tensor)),
  },
  leaky_relu: {
    shapes: [[4]],
    className: 'Activation',
    config: { activation: 'leaky_relu' },
    expected: ([x]) => tf.leakyRelu(x as tf.Tensor, 0.2),
  },
  ...Object.fromEntries(
    (
      [
        ['celu', (x) => tf.where(tf.greater(x, 0), x, tf.expm1(x))],
        ['hard_shrink', (x) => tf.where(tf.greater(tf.abs(x), 0.5), x, tf.zerosLike(x))],
        ['hard_silu', (x) => tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6))],
        ['hard_swish', (x) => tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6))],
        ['hard_tanh', (x) => tf.clipByValue(x, -1, 1)],
        ['log_sigmoid', (x) => tf.logSigmoid(x)],
        ['soft_shrink', (x) => tf.mul(tf.sign(x), tf.relu(tf.sub(tf.abs(x), 0.5)))],
        ['squareplus', (x) => tf.div(tf.add(x, tf.sqrt(tf.add(tf.square(x), 4))), 2)],
        ['tanh_shrink', (x) => tf.sub(x, tf.tanh(x))],
      ] as [string, (x: tf.Tensor) => tf.Tensor][]
    ).map(([activation, formula]): [string, Case] => [
      activation,
      {
        shapes: [[9]],
        className: 'Activation',
        config: { activation },
        expected: ([x]) => formula(x as tf.Tensor),
      },
    ]),
  ),
  'Bidirectional whose halves have names of their own': {
    shapes: [[3, 2]],
    className: 'Bidirectional',
    config: {
      merge_mode: 'sum',
      layer: {
        class_name: 'SimpleRNN',
        config: { name: 'forward_there', units: 2, activation: 'linear', use_bias: false },
      },
      backward_layer: {
        class_name: 'SimpleRNN',
        config: { name: 'back', units: 2, activation: 'linear', use_bias: false, go_backwards: true },
      },
    },
    weights: [
      ['forward_there/kernel', [2, 2]],
      ['forward_there/recurrent_kernel', [2, 2]],
      ['back/kernel', [2, 2]],
      ['back/recurrent_kernel', [2, 2]],
    ],
    expected: ([x], weights) => {
      const walk = (half: string, steps: tf.Tensor[]) =>
        steps.reduce<tf.Tensor>(
          (state, step) =>
            tf.add(
              tf.matMul(step as tf.Tensor2D, weights[`${half}/kernel`] as tf.Tensor2D),
              tf.matMul(state as tf.Tensor2D, weights[`${half}/recurrent_kernel`] as tf.Tensor2D),
            ),
          tf.zeros([2, 2]),
        );
      const steps = tf.unstack(x as tf.Tensor, 1);
      return tf.add(walk('forward_there', steps), walk('back', steps.toReversed()));
    },
  },
  SpatialDropout2D: {
    shapes: [[3, 2, 2]],
    className: 'SpatialDropout2D',
    config: { rate: 0.5 },
    expected: ([x]) => x as tf.Tensor,
  },
  Identity: { shapes: [[3]], className: 'Identity', config: {}, expected: ([x]) => x as tf.Tensor },
  'Normalization by weights': {
    shapes: [[4, 3]],
    className: 'Normalization',
    config: { axis: [-1], mean: null, variance: null },
    weights: [['mean', [3]], ['variance', [3]]], // biome-ignore format: pairs
    positive: /variance/,
    expected: ([x], { mean, variance }) =>
      tf.div(tf.sub(x as tf.Tensor, mean as tf.Tensor), tf.maximum(tf.sqrt(variance as tf.Tensor), 1e-7)),
  },
  'Normalization by its settings, over two axes': {
    shapes: [[2, 3, 2]],
    className: 'Normalization',
    config: { axis: [1, -1], mean: [[[[0.1, 0.2]], [[0.3, 0.4]]]], variance: [[[[1, 4]], [[9, 0]]]] },
    expected: ([x]) =>
      tf.div(
        tf.sub(x as tf.Tensor, tf.tensor([0.1, 0.2, 0.3, 0.4], [1, 2, 1, 2])),
        tf.tensor([1, 2, 3, 1e-7], [1, 2, 1, 2]),
      ),
  },
  'Normalization by arrays as Keras 3 writes them': {
    shapes: [[4, 2]],
    className: 'Normalization',
    config: {
      axis: [-1],
      mean: { class_name: '__numpy__', config: { value: [[0.1, 0.2]], dtype: 'float32' } },
      variance: { class_name: '__numpy__', config: { value: [4, 9], dtype: 'float32' } },
    },
    expected: ([x]) => tf.div(tf.sub(x as tf.Tensor, tf.tensor([0.1, 0.2])), tf.tensor([2, 3])),
  },
  'Normalization of all by one, turned round': {
    shapes: [[2, 3]],
    className: 'Normalization',
    config: { axis: null, mean: 0.5, variance: 4, invert: true },
    expected: ([x]) => tf.add(tf.mul(x as tf.Tensor, 2), 0.5),
  },
  RandomFlip: {
    shapes: [[3, 2, 2]],
    className: 'RandomFlip',
    config: { mode: 'horizontal' },
    expected: ([x]) => x as tf.Tensor,
  },
  'GRU with reset_after': {
    shapes: [[5, 3]],
    className: 'GRU',
    config: {
      units: 2,
      activation: 'tanh',
      recurrent_activation: 'sigmoid',
      reset_after: true,
      return_sequences: true,
    },
    weights: [['kernel', [3, 6]], ['recurrent_kernel', [2, 6]], ['bias', [2, 6]]], // biome-ignore format: pairs
    expected: ([x], { kernel, recurrent_kernel, bias }) =>
      resetAfter(x as tf.Tensor3D, { kernel, recurrent_kernel, bias } as Record<string, tf.Tensor2D>),
  },
};

/** Keras' GRU (`gru_cell` in keras/src/layers/rnn/gru.py): the reset gate works on the product, which has a bias of its own. */
function resetAfter(x: tf.Tensor3D, { kernel, recurrent_kernel, bias }: Record<string, tf.Tensor2D>): tf.Tensor {
  const [forInput, forState] = tf.unstack(bias as tf.Tensor2D) as [tf.Tensor1D, tf.Tensor1D];
  let h = tf.zeros([x.shape[0], 2]) as tf.Tensor2D;
  const all = tf.unstack(x, 1).map((step) => {
    const [xz, xr, xh] = tf.split(tf.add(tf.matMul(step as tf.Tensor2D, kernel as tf.Tensor2D), forInput), 3, 1) as [
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
    ];
    const [hz, hr, hh] = tf.split(tf.add(tf.matMul(h, recurrent_kernel as tf.Tensor2D), forState), 3, 1) as [
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
    ];
    const z = tf.sigmoid(tf.add(xz, hz));
    const candidate = tf.tanh(tf.add(xh, tf.mul(tf.sigmoid(tf.add(xr, hr)), hh)));
    h = tf.add(tf.mul(z, h), tf.mul(tf.sub(1, z), candidate)) as tf.Tensor2D;
    return h;
  });
  return tf.stack(all, 1);
}

describe("what Keras has and tfjs lacks gives what Keras' definition says", () => {
  for (const [name, one] of Object.entries(cases)) {
    test(name, async () => {
      const random = new Random(4);
      const draw = (shape: number[]) => Float32Array.from({ length: elementCount(shape) }, () => random.uniform(-1, 1));
      const weights = (one.weights ?? []).map(([part, shape]): Weight => {
        const data = draw(shape);
        return { name: part, shape, data: one.positive?.test(part) ? data.map(Math.abs) : data };
      });
      const inputs = one.shapes.map((shape) => ({ shape: [2, ...shape], data: draw([2, ...shape]) }));
      const expected = one.expected(
        inputs.map(({ shape, data }) => tf.tensor(data, shape)),
        Object.fromEntries(weights.map(({ name: part, shape, data }) => [part, tf.tensor(data, shape)])),
      );
      const [result] = await run(one, weights, inputs);
      expect(result?.dims).toEqual(expected.shape);
      const wanted = expected.dataSync();
      const numbers = result?.data as Float32Array;
      numbers.forEach((value, i) => {
        expect(Math.abs(value - (wanted[i] as number))).toBeLessThan(1e-5 * Math.max(1, Math.abs(wanted[i] as number)));
      });
    });
  }
});

async function run(
  { shapes, className, config }: Case,
  weights: Weight[],
  inputs: { shape: number[]; data: Float32Array }[],
): Promise<Tensor[]> {
  const names = shapes.map((_, i) => `x${i}`);
  const json = {
    modelTopology: {
      class_name: 'Functional',
      config: {
        name: 'model',
        layers: [
          ...names.map((name, i) => ({
            class_name: 'InputLayer',
            name,
            config: { name, batch_input_shape: [null, ...(shapes[i] as number[])] },
            inbound_nodes: [],
          })),
          {
            class_name: className,
            name: 'layer',
            config: { name: 'layer', ...config },
            inbound_nodes: [names.map((name) => [name, 0, 0, {}])],
          },
        ],
        input_layers: names.map((name) => [name, 0, 0]),
        output_layers: [['layer', 0, 0]],
      },
    },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: weights.map(({ name, shape }) => ({ name: `layer/${name}`, shape, dtype: 'float32' })),
      },
    ],
  };
  const bytes = Buffer.concat(weights.map(({ data }) => new Uint8Array(data.buffer)));
  const model = await readFiles(new Map([['model.json', new TextEncoder().encode(JSON.stringify(json))], ['weights.bin', new Uint8Array(bytes)]])); // biome-ignore format: pairs
  const session = await InferenceSession.create(
    modelBytes(modelGraph(model).graph, { doc: '', producerVersion: '0', metadata: {} }),
  );
  const outputs = await session.run(
    Object.fromEntries(
      names.map((name, i) => [name, new Tensor('float32', inputs[i]?.data as Float32Array, inputs[i]?.shape)]),
    ),
  );
  const results = session.outputNames.map((name) => outputs[name] as Tensor);
  await session.release();
  return results;
}
