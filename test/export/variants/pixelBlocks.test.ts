import { expect, test } from 'vitest';
import type { ImageFrontend } from '#core/config.ts';
import { Random } from '#core/random.ts';
import { addScaledPixels } from '../../../export/graphs/scaledPixels.ts';
import { decodeModel } from '../../../export/onnx/decode.ts';
import { GraphBuilder } from '../../../export/onnx/graph.ts';
import type { ModelProto } from '../../../export/onnx/messages.ts';
import { modelBytes } from '../../../export/onnx/model.ts';
import { compact } from '../../../export/variants/int8/compact.ts';
import { int8Encoder } from '../../../export/variants/int8/encoder.ts';
import { inPixelBlocks } from '../../../export/variants/int8/pixelBlocks.ts';
import { lostShare, outputsOf } from '../../../export/variants/lostShare.ts';
import { checkOnnx } from '../../../export/verify/checkOnnx.ts';

const random = new Random(11);
const uniform = (length: number, most: number) => Float32Array.from({ length }, () => random.uniform(-most, most));

interface Case extends Pick<ImageFrontend, 'height' | 'width' | 'scale' | 'offset'> {
  channels: number;
  /** Rows and columns. */
  kernel: [number, number];
  kernels: number;
  strides: [number, number];
  /** Above, on the left, below, on the right. */
  pads: [number, number, number, number];
}

const usual: Case = {
  ...{ height: 12, width: 16, channels: 3, scale: 2 / 255, offset: -1 }, // 0 lies half a step between whole numbers
  ...{ kernel: [3, 3], kernels: 8, strides: [1, 1], pads: [1, 1, 1, 1] },
};

/** Pixels, scaled, a convolution, another of 1 × 1. */
function network(one: Case): ModelProto {
  const { height, width, channels, kernel, kernels, strides, pads } = one;
  const graph = new GraphBuilder({ name: 'pixels', doc: '' });
  const image = graph.input({ name: 'image', type: 'uint8', shape: ['batch', height, width, channels] }, '');
  const convolution = (
    name: string,
    value: typeof image,
    dims: [number, number, number, number],
    attributes: object = { kernel_shape: [1, 1] },
  ) => {
    const size = dims.reduce((product, dim) => product * dim, 1);
    const weights = [
      graph.constant(`${name}/kernel`, uniform(size, 1), dims),
      graph.constant(`${name}/bias`, uniform(dims[0], 1), [dims[0]]),
    ];
    const made = graph.node('Conv', { name, inputs: [value, ...weights], attributes });
    return graph.node('Relu', { name: `${name}_relu`, inputs: [made] });
  };
  const attributes = { kernel_shape: kernel, strides, pads };
  const first = convolution(
    'first',
    addScaledPixels(graph, image, { ...one, shortSide: height }),
    [kernels, channels, ...kernel],
    attributes,
  );
  graph.output(convolution('second', first, [8, kernels, 1, 1]), 'y', '');
  return decodeModel(modelBytes(graph, { doc: '', producerVersion: '0', metadata: {} }), 'pixels.onnx');
}

const pictures = ({ height, width, channels }: Case) =>
  Array.from({ length: 12 }, () => Uint8Array.from({ length: height * width * channels }, () => random.integer(256)));

test.each<Partial<Case>>([
  {},
  { channels: 1 },
  { channels: 2, width: 18 },
  { kernel: [5, 5], pads: [2, 2, 2, 2] },
  { kernel: [5, 2], pads: [0, 1, 3, 0] }, // as "same" pads an even kernel, on the other side
  { kernel: [1, 7], pads: [0, 0, 0, 6] },
  { kernel: [1, 1], pads: [0, 0, 0, 0] },
  { strides: [2, 2], pads: [0, 0, 1, 1] },
  { strides: [1, 2], kernel: [3, 6], pads: [1, 1, 1, 3] },
  { strides: [4, 4], kernel: [4, 4], pads: [0, 0, 0, 0], kernels: 70 },
  { strides: [3, 1] },
  { kernels: 1, width: 24 },
])('a convolution over blocks of pixels gives the same numbers: %o', async (change) => {
  const one = { ...usual, ...change };
  const model = network(one);
  const blocks = inPixelBlocks(model) as ModelProto;
  expect(checkOnnx(blocks)).toEqual([]);
  const given = pictures(one);
  expect(lostShare(await outputsOf(blocks, given), await outputsOf(model, given))).toBeLessThan(1e-11);
});

test.each<Partial<Case>>([
  { width: 18 }, // two of three channels are six
  { width: 15 },
  { channels: 4 },
  { pads: [1, 0, 1, 0] },
  { strides: [3, 3], pads: [0, 0, 0, 0] },
])('others have none: %o', (change) => {
  expect(inPixelBlocks(network({ ...usual, ...change }))).toBeNull();
});

test.each<[string, Partial<Case>, number]>([
  ['0 half a step between whole numbers', {}, 0],
  ['0 as the whole number 0', { scale: 1 / 255, offset: 0 }, 0],
  ['0 a quarter of a step away', { scale: 0.01, offset: -1.2825 }, 0],
  ['no whole number for 0: scaled as before', { scale: 1 / 255, offset: 0.5 }, 1],
])('pixels are read as they come in: %s', async (_, change, roundings) => {
  const one = { ...usual, ...change };
  const model = network(one);
  const given = pictures(one);
  const { model: int8, lost } = await int8Encoder(inPixelBlocks(model) as ModelProto, { samples: given });
  expect(lost).toBeLessThan(1e-3);
  const small = compact(int8);
  expect(checkOnnx(small)).toEqual([]);
  expect(await outputsOf(small, given)).toEqual(await outputsOf(int8, given));
  const operators = int8.graph.node.map(({ opType }) => opType);
  expect(operators.filter((name) => name === 'Cast')).toHaveLength(roundings);
});
