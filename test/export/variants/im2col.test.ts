import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { decodeModel } from '../../../export/onnx/decode.ts';
import { encodeModel } from '../../../export/onnx/encode.ts';
import { GraphBuilder } from '../../../export/onnx/graph.ts';
import type { ModelProto } from '../../../export/onnx/messages.ts';
import { modelBytes } from '../../../export/onnx/model.ts';
import { int8Encoder } from '../../../export/variants/int8/encoder.ts';
import { im2col } from '../../../export/variants/int8/im2col.ts';

const random = new Random(5);
const uniform = (length: number, most: number) => Float32Array.from({ length }, () => random.uniform(-most, most));

interface Size {
  channels: number;
  height: number;
  width: number;
  strides: [number, number];
  pads: number[];
}

const usual: Size = { channels: 1, height: 130, width: 60, strides: [1, 1], pads: [1, 1, 1, 1] };

/** One convolution of 3 × 5 with 32 kernels, and its activation. */
function convolution(size: Partial<Size> = {}): ModelProto {
  const { channels, height, width, strides, pads } = { ...usual, ...size };
  const graph = new GraphBuilder({ name: 'one', doc: '' });
  const x = graph.input({ name: 'x', type: 'float32', shape: ['batch', channels, height, width] }, '');
  const kernel = graph.constant('kernel', uniform(32 * channels * 15, 1), [32, channels, 3, 5]);
  const bias = graph.constant('bias', uniform(32, 1), [32]);
  const attributes = { kernel_shape: [3, 5], strides, pads };
  const given = graph.node('Conv', { name: 'conv', inputs: [x, kernel, bias], attributes });
  graph.output(graph.node('Relu', { name: 'relu', inputs: [given] }), 'y', '');
  return decodeModel(modelBytes(graph, { doc: '', producerVersion: '0', metadata: {} }), 'one.onnx');
}

async function run(model: ModelProto, data: Float32Array, size: Partial<Size> = {}): Promise<Float32Array> {
  const { channels, height, width } = { ...usual, ...size };
  const session = await InferenceSession.create(encodeModel(model), { logSeverityLevel: 3 });
  const { y } = await session.run({ x: new Tensor('float32', data, [2, channels, height, width]) });
  await session.release();
  return y?.data as Float32Array;
}

test.each<Partial<Size>>([
  {},
  { channels: 3 },
  { channels: 2, pads: [0, 1, 2, 3] },
  { pads: [0, 0, 0, 0], height: 140 },
])('a convolution over few channels, its window laid out as channels: %o', async (size) => {
  const { channels, height, width } = { ...usual, ...size };
  const model = convolution(size);
  const changed = im2col(model);
  const kernel = changed.graph.initializer.find(({ name }) => name === 'kernel');
  expect(kernel?.dims).toEqual([32, Math.ceil((channels * 15) / 4) * 4, 1, 1]);
  const data = uniform(2 * channels * height * width, 1);
  const [wanted, given] = await Promise.all([model, changed].map((one) => run(one, data, size)));
  expect(given).toHaveLength((wanted as Float32Array).length);
  const errors = Array.from(wanted as Float32Array, (value, i) => Math.abs(value - (given?.[i] as number)));
  expect(errors.reduce((a, b) => Math.max(a, b))).toBeLessThan(1e-5);
});

test.each<Partial<Size>>([{ channels: 4 }, { strides: [2, 2], height: 260, width: 120 }, { height: 100 }])(
  'others stay as they are: %o',
  (size) => {
    const model = convolution(size);
    expect(im2col(model).graph.node).toEqual(model.graph.node);
  },
);

test('in int8 what is laid out is whole numbers already, of one scale', async () => {
  const samples = Array.from({ length: 8 }, () => uniform(130 * 60, 1));
  const model = convolution();
  const { model: int8, lost } = await int8Encoder(model, { samples });
  expect(lost).toBeLessThan(1e-3);
  const operators = int8.graph.node.map(({ opType }) => opType);
  expect(operators.indexOf('QuantizeLinear')).toBeLessThan(operators.indexOf('Slice'));
  const scales = int8.graph.node.filter(({ opType, output }) => opType === 'QuantizeLinear' && output[0] !== 'y/uint8');
  expect(new Set(scales.map(({ input }) => input[1])).size).toBe(1);
});
