import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { digitPicture, readDigits } from '#core/datasets/digits.ts';
import { readFrom } from '#node/files.ts';
import { decodeModel } from '../../../export/onnx/decode.ts';
import { encodeModel } from '../../../export/onnx/encode.ts';
import type { ModelProto } from '../../../export/onnx/messages.ts';
import { compact } from '../../../export/variants/int8/compact.ts';
import { int8Encoder } from '../../../export/variants/int8/encoder.ts';
import { inPixelBlocks } from '../../../export/variants/int8/pixelBlocks.ts';
import { lostShare, outputsOf } from '../../../export/variants/lostShare.ts';
import { checkOnnx } from '../../../export/verify/checkOnnx.ts';

const folder = fileURLToPath(new URL('../../../models/digits', import.meta.url));
const dataset = fileURLToPath(new URL('../../../datasets/digits', import.meta.url));
const [audio, image] = (await Promise.all(
  ['audio.onnx', 'image.onnx'].map(async (file) => decodeModel(await readFile(`${folder}/${file}`), file)),
)) as [ModelProto, ModelProto];
const { images } = await readDigits(readFrom(dataset), 'validation');
const pictures = images.slice(0, 40).map(digitPicture);
const operators = ({ graph }: ModelProto) => graph.node.map(({ opType }) => opType);

test('a first convolution over blocks of pixels gives the same numbers', async () => {
  const blocks = inPixelBlocks(image) as ModelProto;
  expect(checkOnnx(blocks)).toEqual([]);
  expect(lostShare(await outputsOf(blocks, pictures), await outputsOf(image, pictures))).toBeLessThan(1e-10);
  expect(inPixelBlocks(audio)).toBeNull(); // of which the spectrogram does not come with channels last
});

test('in int8 pixels are whole numbers as they come in: nothing scales them, and nothing is rounded before the first convolution', async () => {
  const { model, lost } = await int8Encoder(inPixelBlocks(image) as ModelProto, { samples: pictures });
  expect(lost).toBeLessThan(2e-3);
  expect(operators(model).filter((name) => ['Cast', 'Mul', 'Add'].includes(name))).toEqual([]);
  const [first] = model.graph.node.filter(({ input }) => input.includes('image'));
  expect(first?.opType).toBe('DequantizeLinear');
  expect(operators(model).indexOf('QuantizeLinear')).toBeGreaterThan(operators(model).indexOf('DequantizeLinear'));
});

test('a compact file gives the same numbers to the bit, in fewer bytes', async () => {
  const { model } = await int8Encoder(inPixelBlocks(image) as ModelProto, { samples: pictures, method: 'min-max' });
  const small = compact(model);
  expect(checkOnnx(small)).toEqual([]);
  expect(encodeModel(model).length - encodeModel(small).length).toBeGreaterThan(10_000);
  expect(await outputsOf(small, pictures)).toEqual(await outputsOf(model, pictures));
});
