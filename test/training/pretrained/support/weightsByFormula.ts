import type { Weights } from '../../../../training/pretrained/torchFile.ts';

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

/**
 * Of EfficientNet-Lite0, brought to what such weights are like; in PyTorch's order of names.
 *
 * @param value −1 … 1, of the i-th number of the k-th weights; default: a sine of 0.7 i + k.
 */
export function weightsByFormula(value = (i: number, k: number) => Math.sin(i * 0.7 + k)): Map<string, Weights> {
  const weights = new Map<string, Weights>();
  const add = (name: string, shape: number[], weigh: (sine: number) => number) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const number = weights.size;
    const values = Float32Array.from({ length: size }, (_, i) => weigh(value(i, number)));
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
