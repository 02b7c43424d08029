import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { decodeModel } from '../../../export/onnx/decode.ts';
import { encodeModel } from '../../../export/onnx/encode.ts';
import { GraphBuilder } from '../../../export/onnx/graph.ts';
import { modelBytes } from '../../../export/onnx/model.ts';
import { keepPadsBeforePools } from '../../../export/onnx/passes/keepPads.ts';
import { toFloat16 } from '../../../export/variants/fp16.ts';

test('in float16 too zeros around a picture count where a pool takes the largest', async () => {
  const graph = new GraphBuilder({ name: 'padded', doc: '' });
  const input = graph.input({ name: 'x', type: 'float32', shape: ['batch', 1, 4, 4] }, '');
  const pads = graph.integers('pads', [0, 0, 1, 1, 0, 0, 1, 1]);
  const padded = graph.node('Pad', { name: 'padded', inputs: [input, pads] });
  const attributes = { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] };
  graph.output(graph.node('MaxPool', { name: 'pooled', inputs: [padded], attributes }), 'z', '');
  keepPadsBeforePools(graph);
  const model = toFloat16(
    decodeModel(modelBytes(graph, { doc: '', producerVersion: '0', metadata: {} }), 'padded.onnx'),
  );
  const value = model.graph.initializer.find(({ name }) => name.endsWith('nearly_zero'));
  expect(value?.dataType).toBe(10); // float16
  const session = await InferenceSession.create(encodeModel(model));
  const { z } = await session.run({ x: new Tensor('float32', new Float32Array(16).fill(-1), [1, 1, 4, 4]) });
  await session.release();
  // Corners and edges have zeros beside them, the middle has none.
  expect(Array.from(z?.data as Float32Array, (number) => Math.round(number))).toEqual([0, 0, 0, 0, -1, 0, 0, 0, 0]);
});

test('what leads to the logarithm of a softmax, and what is made of it, stays in float32', async () => {
  const graph = new GraphBuilder({ name: 'topics', doc: '' });
  const input = graph.input({ name: 'x', type: 'float32', shape: ['batch', 3] }, '');
  const weights = graph.constant('weights', Float32Array.of(9.001, -9.001, 5.003, -20.01, 3.007, 7.003), [3, 2]);
  const logits = graph.node('MatMul', { name: 'logits', inputs: [input, weights] });
  const topics = graph.node('LogSoftmax', { name: 'topics', inputs: [logits], attributes: { axis: 1 } });
  graph.output(graph.node('Add', { name: 'both', inputs: [topics, topics] }), 'z', '');
  const bytes = modelBytes(graph, { doc: '', producerVersion: '0', metadata: {} });
  const half = encodeModel(toFloat16(decodeModel(bytes, 'topics.onnx')));
  const [exact, given] = await Promise.all(
    [bytes, half].map(async (model) => {
      const session = await InferenceSession.create(model);
      const { z } = await session.run({ x: new Tensor('float32', Float32Array.of(1.23, -0.77, 2.9), [1, 3]) });
      await session.release();
      return z?.data as Float32Array;
    }),
  );
  expect(exact?.[0]).toBeCloseTo(given?.[0] as number, 5);
  expect(exact?.[0]).toBeLessThan(-5);
});
