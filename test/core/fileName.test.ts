import { expect, test } from 'vitest';
import { fileNameSchema, filePathSchema, nameSchema } from '#core/fileName.ts';

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }) => (name: string) =>
  schema.safeParse(name).success;

const outside = [
  '../../../pwn',
  '..',
  '.',
  '',
  '/etc/passwd',
  '/',
  'a/../../b',
  'a//b',
  'a/./b',
  '../a',
  'a/..',
  './../a',
  '././a',
  '..\\a',
  'a\\b',
  'C:\\a',
  'C:a',
  '\\\\server\\share',
  'a\0b',
  'a\nb',
  '...',
  '. .',
  'a.',
  'a ',
  'nul',
  'COM1.onnx',
  'file.onnx:stream',
];

test.each(outside)('%j is no name and no path of a file inside a folder', (name) => {
  expect(accepts(fileNameSchema)(name)).toBe(false);
  expect(accepts(nameSchema)(name)).toBe(false);
  expect(accepts(filePathSchema)(name)).toBe(false);
});

test('what checkpoints, bundles and models of others name passes', () => {
  const names = [
    'audio.onnx',
    'group1-shard1of4.bin',
    'group1-shard1of1',
    'my model (1).weights.bin',
    'élan.wav',
    '.hidden',
    '-x',
  ];
  for (const name of names) expect(accepts(fileNameSchema)(name), name).toBe(true);
  const paths = [...names, './weights.bin', 'tf_dnn_js/group1-shard1of1.bin', './audio/model.json'];
  for (const path of paths) expect(accepts(filePathSchema)(path), path).toBe(true);
  for (const name of ['esc50', 'spoken-digit', '_3']) expect(accepts(nameSchema)(name), name).toBe(true);
  for (const name of ['my model', 'élan', '-rf', 'a.b']) expect(accepts(nameSchema)(name), name).toBe(false);
  expect(accepts(fileNameSchema)('a'.repeat(201))).toBe(false);
});
