import { describe, expect, test } from 'vitest';
import { type Python, pythonWith } from '../../support/pythonWith.ts';
import { checkInPython, tinyCases } from './support/python.ts';

const versions = {
  'of 2024': ['onnxruntime==1.17.1', 'onnx==1.16.2', 'numpy==1.26.4'],
  'of today': ['onnx', 'onnxruntime', 'numpy'],
};

for (const [when, packages] of Object.entries(versions)) {
  const python = await pythonWith(packages);
  const reason = 'missing' in python ? ` (skipped: ${python.missing})` : '';
  describe.skipIf(reason)(`Python's ONNX Runtime ${when}${reason}`, () => {
    test('accepts what is made of every tiny model and graph, and gives what tfjs gives', async () => {
      const { files, wrong, largest } = await checkInPython(python as Python, tinyCases());
      expect(wrong).toEqual({});
      expect(files).toBeGreaterThan(600);
      expect(largest).toBeLessThan(1e-5);
    }, 300_000);
  });
}
