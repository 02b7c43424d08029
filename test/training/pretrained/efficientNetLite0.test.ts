import { expect, test } from 'vitest';
import { efficientNetLite0, efficientNetLite0Encoder } from '../../../training/pretrained/efficientNetLite0.ts';
import { weightsByFormula } from './support/weightsByFormula.ts';

test('gives what efficientnet_lite_pytorch 0.1.0 gives in PyTorch 2.15 with the same weights', async () => {
  const picture = Uint8Array.from({ length: 224 * 224 * 3 }, (_, i) => (i * 7919) % 256);
  const { embeddings } = await efficientNetLite0Encoder(efficientNetLite0(weightsByFormula())).encode([
    picture,
    picture,
  ]);
  expect(embeddings.length).toBe(2);
  for (const row of embeddings) {
    expect(row.length).toBe(320);
    const first = [-0.85298282, 0.84456003, -0.39044979, -0.63955742, 1.19690251, -0.54505187];
    const last = [0.4635337, -1.04368412, 0.50813538, 0.19295387, -1.12816024, 1.00044715];
    for (const [i, value] of first.entries()) expect(row[i]).toBeCloseTo(value, 4);
    for (const [i, value] of last.entries()) expect(row[314 + i]).toBeCloseTo(value, 4);
    expect(row.reduce((sum, value) => sum + Math.abs(value), 0) / 320).toBeCloseTo(0.69195187, 4);
  }
}, 60_000);

test('weights that are not there are named', () => {
  const weights = weightsByFormula();
  weights.delete('_blocks.3._bn1.running_var');
  expect(() => efficientNetLite0(weights)).toThrow('_blocks.3._bn1.running_var');
});
