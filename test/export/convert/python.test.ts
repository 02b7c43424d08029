import { expect, test } from 'vitest';
import { type Python, pythonWith } from '../../support/pythonWith.ts';
import { checkInPython, tinyCases } from './support/python.ts';

const python = await pythonWith(['onnx', 'onnxruntime', 'numpy']); // some 20 s the first time
const reason = 'missing' in python ? ` (skipped: ${python.missing})` : '';

test.skipIf(reason)(
  `onnx.checker, strict shape inference and Python's ONNX Runtime accept what is made of every 8th tiny model and graph${reason}`,
  async () => {
    const some = tinyCases().filter((_, i) => i % 8 === 0);
    const { files, wrong, largest } = await checkInPython(python as Python, some);
    expect(wrong).toEqual({});
    expect(files).toBeGreaterThan(70);
    expect(largest).toBeLessThan(1e-5);
  },
);
