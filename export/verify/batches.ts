import { goldenImage, goldenWaveform } from '#core/bundle/golden/inputs.ts';
import { toleranceCaps } from '#core/bundle/golden/tolerance.ts';
import { type Graph, rowLength } from '#core/bundle/graphs.ts';
import type { Bundle } from '#core/bundle/open.ts';
import { Random } from '#core/random.ts';

/** A row must not depend on how many others are in its batch. */
export const batchSizes = [1, 2, 7] as const;

/** Of each graph, how far a row moves with its batch, as a share of the largest number; it counts as failed where rounding is less. */
export interface BatchReport {
  differences: Record<string, number>;
  failed: string[];
}

export async function checkBatches(bundle: Bundle): Promise<BatchReport> {
  const report: BatchReport = { differences: {}, failed: [] };
  const most = Math.max(...batchSizes);
  for (const graph of bundle.manifest.graphs) {
    const names = graph.outputs.map(({ name }) => name);
    const rows = graph.inputs.map((input) => rowsFor(input, bundle, most));
    const feeds = (count: number) =>
      Object.fromEntries(
        graph.inputs.map((input, i) => [input.name, rows[i]?.subarray(0, count * rowLength(input)) as Float32Array]),
      );
    const whole = await bundle.run(graph.name, feeds(most), names);
    let difference = 0;
    for (const size of batchSizes) {
      const part = await bundle.run(graph.name, feeds(size), names);
      for (const name of names)
        difference = Math.max(difference, largestShare(part[name] as Float32Array, whole[name] as Float32Array));
    }
    report.differences[graph.name] = difference;
    // Other batches take other kernels, so float32 rounds otherwise; with few bits one step more or less may follow from that.
    const { encoder, head } = toleranceCaps[bundle.variant];
    if (!(difference <= (graph.kind.endsWith('encoder') ? encoder : head))) report.failed.push(graph.name);
  }
  return report;
}

function rowsFor(
  { name, dtype, shape }: Graph['inputs'][number],
  { manifest }: Bundle,
  count: number,
): Float32Array | Uint8Array {
  const size = rowLength({ shape });
  const { image } = manifest.input;
  const seeds = Array.from({ length: count }, (_, i) => i + 1);
  if (name === 'waveform') return Float32Array.from(seeds.flatMap((seed) => Array.from(goldenWaveform(seed, size))));
  if (dtype === 'uint8' && image) return Uint8Array.from(seeds.flatMap((seed) => Array.from(goldenImage(seed, image))));
  const random = new Random(1);
  return Float32Array.from({ length: count * size }, () => random.uniform(-1, 1));
}

/** @param whole may be longer: its first numbers count. */
function largestShare(part: Float32Array, whole: Float32Array): number {
  let [difference, largest] = [0, 1e-30];
  for (let i = 0; i < part.length; i++) {
    largest = Math.max(largest, Math.abs(whole[i] as number));
    const apart = Math.abs((part[i] as number) - (whole[i] as number));
    if (!(apart <= difference)) difference = apart; // keeps a NaN
  }
  return difference / largest;
}
