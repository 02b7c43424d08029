import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeModel } from '../../../export/onnx/decode.ts';
import { encodeModel } from '../../../export/onnx/encode.ts';

const digits = new URL('../../../models/digits/', import.meta.url);

test.each(readdirSync(digits).filter((file) => file.endsWith('.onnx')))(
  '%s read and written is the same bytes',
  (file) => {
    const bytes = readFileSync(new URL(file, digits));
    expect(Buffer.from(encodeModel(decodeModel(bytes, file))).equals(bytes)).toBe(true);
  },
);

test('what onnx.helper writes into fields by type is read as it was meant', () => {
  const file = new URL('../../fixtures/onnx/typed-fields.onnx', import.meta.url); // fixtures/onnx/make.py
  const { graph, opsetImport } = decodeModel(readFileSync(file), 'typed-fields.onnx');
  const raw = Object.fromEntries(graph.initializer.map(({ name, rawData }) => [name, Buffer.from(rawData)]));
  expect([raw.float32?.readFloatLE(0), raw.float32?.readFloatLE(4)]).toEqual([1.5, -2]);
  expect([raw.int64?.readBigInt64LE(0), raw.int64?.readBigInt64LE(8)]).toEqual([2n ** 63n - 1n, -3n]);
  expect([raw.float16?.readUInt16LE(0), raw.float16?.readUInt16LE(2)]).toEqual([0x3c00, 0x3800]); // 1 and 0.5
  expect([raw.int8?.readInt8(0), raw.int8?.readInt8(1)]).toEqual([-5, 7]);
  expect([...(raw.uint8 ?? [])]).toEqual([250, 7]);
  expect([...(raw.bool ?? [])]).toEqual([1, 0]);
  expect(raw.float64?.readDoubleLE(0)).toBe(0.1);
  expect(opsetImport).toEqual([{ domain: '', version: 17 }]);
  expect(graph.input[0]?.type.tensorType.shape?.dim).toEqual([{ dimParam: 'batch' }, { dimValue: 2 }]);
  const lstm = Object.fromEntries(graph.node[2]?.attribute.map((attribute) => [attribute.name, attribute]) ?? []);
  expect(lstm.hidden_size).toEqual({ name: 'hidden_size', type: 2, i: 3 });
  expect(lstm.direction).toMatchObject({ type: 3, s: Buffer.from('forward') });
  expect(lstm.activation_alpha).toEqual({ name: 'activation_alpha', type: 6, floats: [0.5] });
});

test('a file that is no model, or was cut short, is refused by name', () => {
  const bytes = readFileSync(new URL('match.onnx', digits));
  expect(() => decodeModel(bytes.subarray(0, 40_000), 'match.onnx')).toThrow(/match\.onnx to be an ONNX file/);
  expect(() => decodeModel(Buffer.from('hello'), 'hello.txt')).toThrow(/hello\.txt to be an ONNX file/);
  expect(() => decodeModel(new Uint8Array(), 'empty.onnx')).toThrow(/empty\.onnx to be an ONNX file/);
});
