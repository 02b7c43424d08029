import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { elementCount } from '#core/elementCount.ts';
import { type LayersModel, readLayersModel } from '../../../export/convert/keras/layersModel.ts';
import { modelGraph } from '../../../export/convert/modelGraph.ts';
import { sourceAt } from '../../../export/convert/source.ts';
import { decodeModel } from '../../../export/onnx/decode.ts';
import { modelBytes } from '../../../export/onnx/model.ts';
import { randomizeWeights, readFiles, savedFiles, tf } from './support/tfjs.ts';

const { layers } = tf;

// biome-ignore lint/suspicious/noExplicitAny: JSON in the forms that other programs write
type Json = any;
let saved: { json: Json; weights: Uint8Array };

/** Nested, shared, merged, recurrent: what the forms write differently. */
beforeAll(async () => {
  const inner = tf.sequential({
    name: 'tower',
    layers: [layers.dense({ units: 3, inputShape: [4], name: 'inside', activation: 'relu' })],
  });
  const [a, b] = [tf.input({ shape: [4], name: 'a' }), tf.input({ shape: [4], name: 'b' })];
  const both = layers
    .concatenate({ name: 'both' })
    .apply([inner.apply(a) as tf.SymbolicTensor, inner.apply(b) as tf.SymbolicTensor]);
  const steps = layers.repeatVector({ n: 3, name: 'steps' }).apply(both) as tf.SymbolicTensor;
  const walked = layers
    .bidirectional({
      layer: layers.lstm({ units: 2, name: 'lstm', recurrentActivation: 'sigmoid' }) as never,
      mergeMode: 'concat',
      name: 'ways',
    })
    .apply(steps);
  const leaky = layers.leakyReLU({ alpha: 0.25, name: 'leaky' }).apply(walked) as tf.SymbolicTensor;
  const model = tf.model({
    inputs: [a, b],
    outputs: layers.dense({ units: 2, name: 'out' }).apply(leaky) as tf.SymbolicTensor,
  });
  const files = await savedFiles(randomizeWeights(model, 3));
  saved = {
    json: JSON.parse(new TextDecoder().decode(files.get('model.json'))),
    weights: files.get('weights.bin') as Uint8Array,
  };
});

function read(edit: (json: Json) => Json, files: Record<string, Uint8Array> = {}): Promise<LayersModel> {
  const json = edit(structuredClone(saved.json));
  const all = { 'weights.bin': saved.weights, ...files };
  return readFiles(new Map([['model.json', new TextEncoder().encode(JSON.stringify(json))], ...Object.entries(all)]));
}

/** What the file computes: its operators and weights, whatever the model's name. */
function made(model: LayersModel) {
  const { graph, warnings } = modelGraph(model);
  const { node, initializer } = decodeModel(
    modelBytes(graph, { doc: '', producerVersion: '0', metadata: {} }),
    'test',
  ).graph;
  return {
    warnings,
    nodes: node.map(({ name, opType, input }) => [name, opType, input]),
    weights: initializer.map(({ name, rawData }) => [name, [...rawData]]),
  };
}

const layersOf = (json: Json): Json[] => json.modelTopology.config.layers;
const rename = (json: Json, names: (name: string) => string) => {
  for (const weight of json.weightsManifest[0].weights) weight.name = names(weight.name);
};

test("the converter's wrapper, and the names that Keras 2 gives to weights", async () => {
  const keras = await read((json) => {
    json.modelTopology = {
      keras_version: '2.15.0',
      backend: 'tensorflow',
      model_config: { ...json.modelTopology, class_name: 'Functional' },
    };
    rename(json, (name) => name.replace(/(forward|backward)_lstm/, '$1_lstm/lstm_cell_7'));
    return json;
  });
  expect(made(keras)).toEqual(made(await read((json) => json)));
});

test('Keras 3: batch_shape, DTypePolicy, calls with args and kwargs, an activation as an object, long weight names', async () => {
  const keras = await read((json) => {
    const policy = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null };
    for (const layer of layersOf(json)) {
      const { config } = layer;
      if (layer.class_name === 'InputLayer') {
        config.batch_shape = config.batch_input_shape;
        delete config.batch_input_shape;
      } else config.dtype = policy;
      if (config.activation === 'linear')
        config.activation = { module: 'builtins', class_name: 'function', config: 'linear' };
      layer.inbound_nodes = layer.inbound_nodes.map((node: Json) => {
        // Keras 3 counts a Sequential's calls from 0.
        const tensors = node.map(([name, call, result]: Json) => ({
          class_name: '__keras_tensor__',
          config: { shape: [], keras_history: [name, name === 'tower' ? call - 1 : call, result] },
        }));
        return { args: tensors.length > 1 ? [tensors] : tensors, kwargs: { mask: null } };
      });
    }
    json.modelTopology = { keras_version: '3.10.0', model_config: { ...json.modelTopology, class_name: 'Functional' } };
    rename(json, (name) =>
      name.startsWith('inside')
        ? `functional/tower/${name}`
        : `functional/${name.replace(/_lstm\//, '_lstm/lstm_cell/')}`,
    );
    return json;
  });
  expect(made(keras)).toEqual(made(await read((json) => json)));
});

test('both halves of a Bidirectional under their own names alone, as Keras 3.14 writes them', async () => {
  const keras = await read((json) => {
    const { config } = layersOf(json).find(({ class_name }) => class_name === 'Bidirectional');
    config.layer.config.name = 'forward_lstm';
    config.backward_layer = { ...config.layer, config: { ...config.layer.config, name: 'backward_lstm' } };
    rename(json, (name) => name.replace(/^.*((?:for|back)ward_lstm)/, '$1/lstm_cell'));
    return json;
  });
  const names = [...keras.weights.keys()];
  expect(names).toContain('forward_lstm/lstm_cell/kernel');
  expect(names).toContain('backward_lstm/lstm_cell/bias');
  expect(made(keras)).toEqual(made(await read((json) => json)));
});

test('one input and one output written flat', async () => {
  const flat = await read((json) => {
    json.modelTopology.config.output_layers = json.modelTopology.config.output_layers[0];
    return json;
  });
  expect(made(flat)).toEqual(made(await read((json) => json)));
});

test('keys in camelCase, numbers that NumPy wrote, a Sequential that is a plain list', async () => {
  const other = await read((json) => {
    for (const { config, class_name } of layersOf(json)) {
      if (config.use_bias !== undefined) {
        config.useBias = config.use_bias;
        delete config.use_bias;
      }
      if (config.alpha) config.alpha = { type: 'ndarray', value: 0.25 };
      if (class_name === 'Sequential') {
        const { layers } = config;
        for (const key of Object.keys(config)) delete config[key];
        Object.assign(config, { name: 'tower', layers });
      }
    }
    return json;
  });
  expect(made(other)).toEqual(made(await read((json) => json)));
});

test('lists that are tuples and shapes', async () => {
  const other = await read((json) => {
    for (const { config } of layersOf(json)) {
      for (const [key, items] of Object.entries(config)) {
        if (/^batch_input_shape$/.test(key)) config[key] = { class_name: 'TensorShape', items };
        if (/^(kernel_size|strides)$/.test(key)) config[key] = { class_name: '__tuple__', items };
      }
    }
    return json;
  });
  expect(made(other)).toEqual(made(await read((json) => json)));
});

test('weights in several groups and files', async () => {
  const [group] = saved.json.weightsManifest;
  const size = (shape: number[]) => 4 * elementCount(shape);
  const firstBytes = group.weights.slice(0, 2).reduce((sum: number, { shape }: Json) => sum + size(shape), 0);
  const split = await read(
    (json) => {
      json.weightsManifest = [
        { paths: ['group1-shard1of2', 'group1-shard2of2'], weights: group.weights.slice(0, 2) },
        { paths: ['group2'], weights: group.weights.slice(2) },
      ];
      return json;
    },
    {
      'group1-shard1of2': saved.weights.slice(0, 5),
      'group1-shard2of2': saved.weights.slice(5, firstBytes),
      group2: saved.weights.slice(firstBytes),
    },
  );
  expect(made(split)).toEqual(made(await read((json) => json)));
});

test.each(['uint8', 'uint16', 'float16'] as const)('weights as %s are what tfjs reads', async (dtype) => {
  const bytes = { uint8: 1, uint16: 2, float16: 2 }[dtype];
  const count = saved.weights.length / 4;
  const stored = Uint8Array.from({ length: count * bytes }, (_, i) =>
    dtype === 'float16' && i % 2 === 1 ? 0x30 + (i % 16) : (i * 37) % 256,
  );
  const quantization =
    dtype === 'float16'
      ? { dtype, original_dtype: 'float32' }
      : { dtype, scale: 0.0123, min: -0.7, original_dtype: 'float32' };
  const edit = (json: Json) => {
    for (const weight of json.weightsManifest[0].weights) weight.quantization = quantization;
    return json;
  };
  const { weights } = await read(edit, { 'weights.bin': stored });
  const json = edit(structuredClone(saved.json));
  const expected = await tf.io.decodeWeights(stored.buffer as ArrayBuffer, json.weightsManifest[0].weights);
  expect([...weights.keys()]).toEqual(Object.keys(expected));
  for (const [name, tensor] of Object.entries(expected)) {
    expect(weights.get(name)?.data).toEqual(tensor.dataSync<'float32'>());
  }
});

test('of one file on disk with weights of one, two and four bytes each is what tfjs reads', async () => {
  const range = { scale: 0.01, min: -1 };
  const weights = [
    { name: 'odd', shape: [3], dtype: 'float32', quantization: { dtype: 'uint8', ...range } },
    { name: 'half', shape: [2], dtype: 'float32', quantization: { dtype: 'float16', original_dtype: 'float32' } },
    { name: 'word', shape: [2], dtype: 'float32', quantization: { dtype: 'uint16', ...range } },
    { name: 'whole', shape: [2], dtype: 'float32' },
  ] as const;
  const stored = Uint8Array.from({ length: 19 }, (_, i) => (i * 37) % 64);
  const folder = await mkdtemp(join(tmpdir(), 'clapper-forms-'));
  try {
    const json = { ...saved.json, weightsManifest: [{ paths: ['weights.bin'], weights }] };
    await writeFile(join(folder, 'model.json'), JSON.stringify(json));
    await writeFile(join(folder, 'weights.bin'), stored);
    const { weights: read } = await readLayersModel(sourceAt(folder).read, folder);
    const expected = await tf.io.decodeWeights(stored.buffer, weights as never);
    for (const [name, tensor] of Object.entries(expected)) {
      expect(read.get(name)?.data, name).toEqual(Float32Array.from(tensor.dataSync()));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each(['scale', 'min'])(
  'quantised weights without their %s are refused by name, as tfjs refuses them',
  async (missing) => {
    const quantization = { dtype: 'uint8', scale: 0.0123, min: -0.7, [missing]: undefined };
    const reading = read((json) => {
      json.weightsManifest[0].weights[0].quantization = quantization;
      return json;
    });
    await expect(reading).rejects.toThrow(`weightsManifest[0].weights[0].quantization.${missing}`);
  },
);

test('whole numbers stored as uint8 are what tfjs reads', async () => {
  const weights = [
    { name: 'a/n', shape: [3], dtype: 'int32', quantization: { dtype: 'uint8', scale: 0.7, min: -2 } },
    { name: 'a/x', shape: [2], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.7, min: -2 } },
  ] as const;
  const stored = Uint8Array.of(1, 7, 200, 3, 90);
  const model = await read((json) => ({ ...json, weightsManifest: [{ paths: ['weights.bin'], weights }] }), {
    'weights.bin': stored,
  });
  const expected = await tf.io.decodeWeights(stored.buffer, weights as never);
  for (const [name, tensor] of Object.entries(expected))
    expect(model.weights.get(name)?.data).toEqual(Float32Array.from(tensor.dataSync()));
});

test('two models as layers with layers of the same name read each their own weights', async () => {
  const tower = (name: string) => ({
    class_name: 'Sequential',
    name,
    config: {
      name,
      layers: [
        { class_name: 'Dense', config: { name: 'dense', units: 1, use_bias: false, batch_input_shape: [null, 1] } },
      ],
    },
    inbound_nodes: [[['x', 0, 0, {}]]],
  });
  const model = await read(
    () => ({
      modelTopology: {
        class_name: 'Functional',
        config: {
          name: 'm',
          layers: [
            {
              class_name: 'InputLayer',
              name: 'x',
              config: { name: 'x', batch_input_shape: [null, 1] },
              inbound_nodes: [],
            },
            tower('left'),
            tower('right'),
          ],
          input_layers: [['x', 0, 0]],
          output_layers: [['left', 1, 0], ['right', 1, 0]], // biome-ignore format: pairs
        },
      },
      weightsManifest: [
        {
          paths: ['weights.bin'],
          weights: ['right/dense/kernel', 'left/dense/kernel'].map((name) => ({
            name,
            shape: [1, 1],
            dtype: 'float32',
          })),
        },
      ],
    }),
    { 'weights.bin': new Uint8Array(Float32Array.of(2, 3).buffer) },
  );
  const { graph } = modelGraph(model);
  const numbers = graph
    .build()
    .initializer.map(({ name, rawData }) => [name, new Float32Array(rawData.slice().buffer)[0]]);
  expect(Object.fromEntries(numbers)).toEqual({ 'left/dense/kernel': 3, 'right/dense/kernel': 2 });
});

const dense = { class_name: 'Dense', config: { name: 'dense', units: 2, use_bias: false } };
test.each([
  ['a model', { class_name: 'Sequential', config: { name: 'inner', layers: [dense] } }],
  ['a TimeDistributed', { class_name: 'TimeDistributed', config: { name: 'inner', layer: dense } }],
])('a layer in %s and one beside it of the same name read each their own weights', async (_, inner) => {
  const input = { class_name: 'InputLayer', config: { name: 'x', batch_input_shape: [null, 2, 2] } };
  const names = ['inner/dense/kernel', 'dense/kernel'];
  const model = await read(
    () => ({
      modelTopology: { class_name: 'Sequential', config: { name: 'm', layers: [input, inner, dense] } },
      weightsManifest: [
        { paths: ['weights.bin'], weights: names.map((name) => ({ name, shape: [2, 2], dtype: 'float32' })) },
      ],
    }),
    { 'weights.bin': new Uint8Array(Float32Array.of(1, 1, 1, 1, 2, 2, 2, 2).buffer) },
  );
  const { graph, warnings } = modelGraph(model);
  const kernels = graph.build().initializer.filter(({ name }) => name.endsWith('/kernel'));
  const first = ({ name, rawData }: (typeof kernels)[number]) => [name, new Float32Array(rawData.slice().buffer)[0]];
  expect(Object.fromEntries(kernels.map(first))).toEqual({ 'inner/dense/kernel': 1, 'dense/kernel': 2 });
  expect(warnings).toEqual([]);
});

const alone = (config: Json, edit: (layer: Json) => void = () => {}) =>
  read((json) => {
    const layer = { class_name: 'Activation', config: { name: 'a', activation: 'tanh', ...config } };
    edit(layer);
    json.modelTopology = { class_name: 'Sequential', config: { name: 'm', layers: [layer] } };
    return { ...json, weightsManifest: [] };
  });

test.each([
  [{ input_shape: [4, 3] }, ['batch', 4, 3]],
  [{ input_shape: [null, 3], batch_size: 2 }, [2, 'time', 3]],
  [{ batch_input_shape: [null, 4, 3] }, ['batch', 4, 3]],
])('the shape of the input as %j', async (config, shape) => {
  expect(modelGraph(await alone(config)).graph.inputs[0]?.shape).toEqual(shape);
});

test('an activation that is a layer is taken with its settings, and refused where it has weights or settings that tfjs does not read', async () => {
  const activation = (class_name: string, config: Json) =>
    alone({ input_shape: [4], activation: { class_name, config: { name: 'x', ...config } } });
  const [leaky] = modelGraph(await activation('LeakyReLU', { negative_slope: 0.25 })).graph.build().node;
  expect(leaky).toMatchObject({ opType: 'LeakyRelu', attribute: [{ name: 'alpha', f: 0.25 }] });
  const slope = await activation('ReLU', { negative_slope: 0.3 });
  expect(() => modelGraph(slope)).toThrow(/"a": Activation: .*activation/);
  const trained = await activation('PReLU', { shared_axes: null, alpha_initializer: 'zeros' });
  expect(() => modelGraph(trained)).toThrow(/"a": Activation: .*activation/);
  const none = await alone({ input_shape: [4], activation: 'constructor' });
  expect(() => modelGraph(none)).toThrow(/"a": Activation: .*activation/);
});

test('--nchw moves the channels of pictures, and leaves a model of channels_first as it is', async () => {
  const shapes = (model: LayersModel) => modelGraph(model, { channelsFirst: true }).graph.inputs[0]?.shape;
  expect(shapes(await alone({ input_shape: [8, 7, 3] }))).toEqual(['batch', 3, 8, 7]);
  const pooled = await alone({ input_shape: [3, 8, 7] }, (layer) => {
    layer.class_name = 'MaxPooling2D';
    layer.config.data_format = 'channels_first';
  });
  expect(shapes(pooled)).toEqual(['batch', 3, 8, 7]);
});

test.each(['channels_last', 'channels_first'])(
  'sizes of 1 that keepdims keeps are there for a layer that needs them, %s, through Dropout and ReLU',
  async (data_format) => {
    const shape = data_format === 'channels_last' ? [5, 4, 3] : [3, 5, 4];
    const layers = [
      ['GlobalAveragePooling2D', { keepdims: true, data_format, input_shape: shape }],
      ['Dropout', { rate: 0.5 }],
      ['ReLU', {}],
      ['UpSampling2D', { size: [2, 2], data_format }],
    ].map(([class_name, config], i) => ({ class_name, config: { name: `l${i}`, ...(config as object) } }));
    const model = await read((json) => ({
      ...json,
      modelTopology: { class_name: 'Sequential', config: { name: 'm', layers } },
      weightsManifest: [],
    }));
    const { graph, warnings } = modelGraph(model);
    const expected = data_format === 'channels_last' ? ['batch', 2, 2, 3] : ['batch', 3, 2, 2];
    expect(graph.outputs[0]?.shape).toEqual(expected);
    expect(warnings.join()).toMatch(/keepdims/);
  },
);

/** A functional model of Keras 3; `calls`: of each layer what it is called with. */
function keras3(layers: [class_name: string, config: Json, call?: Json][], outputs: Json) {
  const written = layers.map(([class_name, config, call]) => ({
    class_name,
    name: config.name,
    config,
    inbound_nodes: call ? [{ args: [], kwargs: {}, ...call }] : [],
  }));
  const inputs = layers.filter(([class_name]) => class_name === 'InputLayer').map(([, { name }]) => [name, 0, 0]);
  return {
    class_name: 'Functional',
    config: { name: 'm', layers: written, input_layers: inputs, output_layers: outputs },
  };
}
const from = (name: string, result = 0) => ({
  class_name: '__keras_tensor__',
  config: { shape: [], keras_history: [name, 0, result] },
});
const input = (name: string, ...sizes: number[]): [string, Json] => [
  'InputLayer',
  { name, batch_shape: [null, ...sizes], dtype: 'float32' },
];
const topology = (modelTopology: Json) => read((json) => ({ ...json, modelTopology, weightsManifest: [] }));
const operators = async (model: Json) =>
  modelGraph(await topology(model))
    .graph.build()
    .node.map(({ opType }) => opType);

test('Keras 3: a call whose tensor is given by name', async () => {
  const model = keras3([input('x', 4), ['ReLU', { name: 'a' }, { kwargs: { inputs: from('x') } }]], [['a', 0, 0]]);
  expect(await operators(model)).toEqual(['Relu']);
});

test('Keras 3: masks that Masking makes are not read, as they are made here; one that the model computes is refused', async () => {
  const masked = (of: string) =>
    keras3(
      [
        input('x', 4, 3),
        input('y', 4, 3),
        ['Masking', { name: 'm', mask_value: 0 }, { args: [from('x')] }],
        ['NotEqual', { name: 'n' }, { args: [from(of), 0] }],
        ['Any', { name: 'any' }, { args: [from('n')] }],
        ['Activation', { name: 'a', activation: 'tanh' }, { args: [from('m')], kwargs: { mask: from('any') } }],
        ['Add', { name: 'sum' }, { args: [[from('a'), from('y')]] }],
      ],
      [['sum', 0, 0]],
    );
  expect(await operators(masked('x'))).toContain('Tanh');
  await expect(operators(masked('y'))).rejects.toThrow(/"a": Activation: it is given a mask that the model computes/);
});

test('Keras 3: a model called with tensors by name, and of results by name', async () => {
  const inner = keras3(
    [input('zz', 4), input('aa', 4), ['Subtract', { name: 's' }, { args: [[from('zz'), from('aa')]] }]],
    { y: ['s', 0, 0], x: ['zz', 0, 0] },
  );
  const model = keras3(
    [
      input('p', 4),
      input('q', 4),
      ['Functional', { ...inner.config, name: 'inner' }, { args: [{ aa: from('q'), zz: from('p') }] }],
      ['ReLU', { name: 'r' }, { args: [from('inner', 1)] }],
    ],
    [['r', 0, 0]],
  );
  const { node } = modelGraph(await topology(model)).graph.build();
  expect(node.map(({ opType, input }) => [opType, input])).toEqual([
    ['Sub', ['p', 'q']],
    ['Relu', ['inner/s']],
  ]);
});

test("an activation that is a function's code is refused", async () => {
  const code = await alone({ input_shape: [4], activation: { value: ['4wEAAA==', null, null] } });
  expect(() => modelGraph(code)).toThrow(/"a": Activation: .*activation/);
});
