import { expect, test } from 'vitest';
import { type Python, pythonWith } from '../../support/pythonWith.ts';
import { checkInPython } from './support/python.ts';

const python = await pythonWith(['onnx', 'onnxruntime', 'numpy']); // some 20 s the first time
const reason = 'missing' in python ? ` (skipped: ${python.missing})` : '';

test.skipIf(reason)(
  `onnx.checker, strict shape inference and Python's ONNX Runtime accept what is made of every 8th tiny model${reason}`,
  async () => {
    const { files, wrong, largest } = await checkInPython(python as Python, 8);
    expect(wrong).toEqual({});
    expect(files).toBeGreaterThan(30);
    expect(largest).toBeLessThan(1e-5);
  },
);
