import { kaiser } from '#core/media/kaiser.ts';
import { sinc } from '#core/media/sinc.ts';
import type { GraphBuilder, Value } from '../onnx/graph.ts';
import { reshape, slice } from './shapes.ts';

/** Samples that one row of the product gives; the filter reaches over as many and one more: 8 × the factor. */
const samplesPerRow = 7;

/** Of the Kaiser window: what is mirrored is 45 dB below where it matters least, and the filter falls steeply. */
const kaiserBeta = 4;

export interface Decimation {
  /** Every so many samples one is kept. */
  factor: number;
  /** A low-pass filter at half of the lower rate: `[8 · factor]`, symmetric, of unit sum. */
  filter: Float64Array;
  /** By how much sample 0 of what comes out lies behind sample 0 of what goes in; samples of the latter. */
  delay: number;
}

/** Windowed sinc. */
export function decimation(factor: number): Decimation {
  const length = (samplesPerRow + 1) * factor;
  const delay = (length - 1) / 2;
  const taps = Float64Array.from({ length }, (_, i) => {
    const t = i - delay;
    return sinc(t / factor) * kaiser(t / (length / 2), kaiserBeta);
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return { factor, filter: taps.map((tap) => tap / sum), delay };
}

/** @returns how much of a tone of so many turns a sample the filter lets through. */
export function responseOf({ filter, delay }: Decimation, frequency: number): number {
  return filter.reduce((sum, tap, i) => sum + tap * Math.cos(2 * Math.PI * frequency * (i - delay)), 0);
}

/**
 * The waveform at a lower rate, as one product of matrices: each row of samples gives its part of the outputs that begin in it, and of those
 * that began in the row before.
 *
 * @param waveform `[B, N]`.
 * @returns `[B, floor(N / factor)]`; the last ones, for which samples are missing, are 0.
 */
export function addDecimated(
  graph: GraphBuilder,
  waveform: Value,
  { factor, filter }: Decimation,
  scope: string,
): Value {
  const samples = waveform.shape[1] as number;
  const row = samplesPerRow * factor;
  const rows = Math.floor(samples / row);
  const kernel = new Float32Array(row * 2 * samplesPerRow);
  for (let i = 0; i < row; i++) {
    for (let output = 0; output < samplesPerRow; output++) {
      const tap = i - factor * output;
      kernel[i * 2 * samplesPerRow + output] = filter[tap] ?? 0;
      kernel[(i * 2 + 1) * samplesPerRow + output] = filter[row + tap] ?? 0;
    }
  }
  const whole = slice(graph, `${scope}/whole_rows`, waveform, { axis: 1, start: 0, end: rows * row });
  const parts = graph.node('MatMul', {
    name: `${scope}/decimated_parts`,
    inputs: [
      reshape(graph, `${scope}/rows`, whole, [0, rows, row]),
      graph.constant(`${scope}/decimation`, kernel, [1, row, 2 * samplesPerRow]), // of three axes: no layer that was learnt
    ],
    doc: `Low-pass filter; of ${factor} samples one is kept.`,
  });
  const alternating = reshape(graph, `${scope}/decimated_alternating`, parts, [0, 2 * rows, samplesPerRow]);
  const everySecond = (name: string, start: number, end: number) =>
    slice(graph, `${scope}/${name}`, alternating, { axis: 1, start, end, step: 2 });
  const begun = everySecond('decimated_begun', 0, 2 * rows - 2);
  const ended = everySecond('decimated_ended', 3, 2 * rows);
  const sums = graph.node('Add', { name: `${scope}/decimated_rows`, inputs: [begun, ended] });
  const given = (rows - 1) * samplesPerRow;
  const missing = Math.floor(samples / factor) - given;
  return graph.node('Pad', {
    name: `${scope}/decimated`,
    inputs: [
      reshape(graph, `${scope}/decimated_samples`, sums, [0, given]),
      graph.integers(`${scope}/decimated/pads`, [0, 0, 0, missing]),
    ],
  });
}
