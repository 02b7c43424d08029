import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { decodeModel } from '../../../export/onnx/decode.ts';
import { encodeModel } from '../../../export/onnx/encode.ts';
import { GraphBuilder } from '../../../export/onnx/graph.ts';
import { modelBytes } from '../../../export/onnx/model.ts';
import { int8Encoder } from '../../../export/variants/int8/encoder.ts';

const random = new Random(3);
const uniform = (length: number, most: number) => Float32Array.from({ length }, () => random.uniform(-most, most));

/** Two convolutions with a pool between: over 9 numbers at each place, then over as many as `channels` say. */
function network(channels: number) {
  const graph = new GraphBuilder({ name: 'small', doc: '' });
  const input = graph.input({ name: 'x', type: 'float32', shape: ['batch', 1, 8, 8] }, '');
  const convolution = (name: string, value: typeof input, [outputs, inputs]: [number, number]) =>
    graph.node('Relu', {
      name: `relu_${name}`,
      inputs: [
        graph.node('Conv', {
          name,
          inputs: [
            value,
            graph.constant(`${name}/kernel`, uniform(outputs * inputs * 9, 1), [outputs, inputs, 3, 3]),
            graph.constant(`${name}/bias`, uniform(outputs, 1), [outputs]),
          ],
          attributes: { pads: [1, 1, 1, 1], kernel_shape: [3, 3] },
        }),
      ],
    });
  const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
  const pooled = graph.node('MaxPool', {
    name: 'pool',
    inputs: [convolution('first', input, [channels, 1])],
    attributes,
  });
  graph.output(convolution('second', pooled, [8, channels]), 'y', '');
  return decodeModel(modelBytes(graph, { doc: '', producerVersion: '0', metadata: {} }), 'small.onnx');
}

const samples = Array.from({ length: 16 }, () => uniform(64, 1));

test.each([
  [64, 0],
  [128, -1], // 1,152 inputs
])(
  'the first convolution stays in float32, what it gives is pooled before it is made whole; %i channels: zero point %i',
  async (channels, zeroPoint) => {
    const fp32 = network(channels);
    const { model, lost } = await int8Encoder(fp32, { samples });
    expect(lost).toBeLessThan(1e-3);
    const operators = model.graph.node.map(({ opType }) => opType);
    expect(operators.filter((operator) => operator === 'QuantizeLinear')).toHaveLength(2);
    expect(operators.indexOf('QuantizeLinear')).toBeGreaterThan(operators.indexOf('MaxPool'));
    const zeros = model.graph.initializer.filter(({ name }) => name === 'second/kernel/zero');
    expect(zeros.map(({ rawData }) => [...new Set(new Int8Array(new Uint8Array(rawData).buffer))])).toEqual([
      [zeroPoint],
    ]);
    expect(model.graph.initializer.map(({ name }) => name)).toContain('first/kernel');

    const feeds = { x: new Tensor('float32', samples[0] as Float32Array, [1, 1, 8, 8]) };
    const [wanted, given] = await Promise.all(
      [fp32, model].map(async (one) => {
        const session = await InferenceSession.create(encodeModel(one), { logSeverityLevel: 3 });
        const { y } = await session.run(feeds);
        await session.release();
        return y?.data as Float32Array;
      }),
    );
    const largest = Math.max(...(wanted as Float32Array));
    const errors = Array.from(wanted as Float32Array, (value, i) => Math.abs(value - (given?.[i] as number)));
    expect(Math.max(...errors)).toBeLessThan(0.02 * largest);
  },
);
