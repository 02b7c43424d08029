import { expect, test } from 'vitest';
import { efficientNetLite0Encoder } from '../../../training/pretrained/efficientNetLite0.ts';
import type { Weights } from '../../../training/pretrained/torchFile.ts';

const blocks: [kernel: number, expansion: number, from: number, to: number][] = [
  [3, 1, 32, 16],
  [3, 6, 16, 24],
  [3, 6, 24, 24],
  [5, 6, 24, 40],
  [5, 6, 40, 40],
  [3, 6, 40, 80],
  [3, 6, 80, 80],
  [3, 6, 80, 80],
  [5, 6, 80, 112],
  [5, 6, 112, 112],
  [5, 6, 112, 112],
  [5, 6, 112, 192],
  [5, 6, 192, 192],
  [5, 6, 192, 192],
  [5, 6, 192, 192],
  [3, 6, 192, 320],
];

/** Of the k-th: sines of 0.7 i + k, brought to what such weights are like; in PyTorch's order of names. */
function weightsByFormula(): Map<string, Weights> {
  const weights = new Map<string, Weights>();
  const add = (name: string, shape: number[], weigh: (sine: number) => number) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const number = weights.size;
    const values = Float32Array.from({ length: size }, (_, i) => weigh(Math.sin(i * 0.7 + number)));
    weights.set(name, { shape, values });
  };
  const layer = (name: string, normalisation: string, shape: number[]) => {
    const inputs = shape.slice(1).reduce((product, length) => product * length, 1);
    add(`${name}.weight`, shape, (sine) => sine * Math.sqrt(2 / inputs));
    const channels = shape.slice(0, 1);
    add(`${normalisation}.weight`, channels, (sine) => 1 + 0.1 * sine);
    add(`${normalisation}.bias`, channels, (sine) => 0.1 * sine);
    add(`${normalisation}.running_mean`, channels, (sine) => 0.1 * sine);
    add(`${normalisation}.running_var`, channels, (sine) => 1 + 0.5 * sine * sine);
  };
  layer('_conv_stem', '_bn0', [32, 3, 3, 3]);
  for (const [i, [kernel, expansion, from, to]] of blocks.entries()) {
    const wide = from * expansion;
    if (expansion > 1) layer(`_blocks.${i}._expand_conv`, `_blocks.${i}._bn0`, [wide, from, 1, 1]);
    layer(`_blocks.${i}._depthwise_conv`, `_blocks.${i}._bn1`, [wide, 1, kernel, kernel]);
    layer(`_blocks.${i}._project_conv`, `_blocks.${i}._bn2`, [to, wide, 1, 1]);
  }
  return weights;
}

test('gives what efficientnet_lite_pytorch 0.1.0 gives in PyTorch 2.15 with the same weights', async () => {
  const picture = Uint8Array.from({ length: 224 * 224 * 3 }, (_, i) => (i * 7919) % 256);
  const { embeddings } = await efficientNetLite0Encoder(weightsByFormula()).encode([picture, picture]);
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
  expect(() => efficientNetLite0Encoder(weights)).toThrow('_blocks.3._bn1.running_var');
});
