import { hannAt, melFilters, type SpectrogramOptions, spectrogramShape } from '#core/spectrogram.ts';
import type { GraphBuilder, Value } from '../onnx/graph.ts';
import { addDecimated, decimation, responseOf } from './decimate.ts';
import { addLog, lastBinOf } from './logSpectrogram.ts';
import { addMelBands } from './melBands.ts';
import { addPowerSpectrum, range } from './powerSpectrum.ts';
import { slice } from './shapes.ts';

/** Of wide bands one bin in so many is computed, by the first of these that divides the transform. */
const steps = [3, 2];
/** A band is wide that reads so many bins: then two of them are computed at least. */
const leastWidth = 8;
/** The highest frequency of narrow bands, as a share of half the lower rate: above, what is mirrored comes through the filter. */
const passBand = 0.85;

/** How the bands are divided. */
export interface CoarsePlan {
  /** Bands from the lowest that are narrow. */
  narrow: number;
  /** These are computed from every so many samples. */
  factor: number;
  /** Of the others one bin in so many is computed. */
  step: number;
}

/** @returns null where nothing would be won: without mel bands, or where the rate cannot be lowered by a whole number for the narrow ones. */
export function planCoarse(options: SpectrogramOptions): CoarsePlan | null {
  const { nMels, nFft, windowLength, hopLength } = options;
  const step = steps.find((one) => nFft % one === 0);
  if (nMels === null || step === undefined || windowLength % 4 !== 0) return null;
  const filters = melFilters(options);
  const binsOf = (band: number) => range(nFft / 2 + 1).filter((bin) => (filters[bin * nMels + band] as number) > 0);
  const bands = range(nMels).map(binsOf);
  const narrow = 1 + bands.findLastIndex((bins) => bins.length < leastWidth);
  if (narrow === 0 || narrow === nMels) return null;
  const highest = Math.max(...bands.slice(0, narrow).flat());
  const most = Math.floor((passBand * nFft) / 2 / highest);
  const factor = range(most + 1).findLast(
    (one) => one > 1 && [windowLength, hopLength, nFft].every((length) => length % one === 0),
  );
  return factor === undefined ? null : { narrow, factor, step };
}

/**
 * The log-mel spectrogram in half the time, not exactly:
 *
 * - narrow bands, which are the low ones, from the waveform at a lower rate: exactly, but for what the low-pass filter lets through of higher
 *   frequencies;
 * - wide bands from the middle half of each window, under half a sine, and of that from every third bin (or every second). Noise has
 *   the same mean and another chance; what lies in the outer quarters is not heard here, and a pure tone reaches into more bands around it.
 *
 * @param waveform `[B, N]`.
 * @returns `[B, 1, M, T]`, natural log of power.
 */
export function addCoarseSpectrogram(
  graph: GraphBuilder,
  waveform: Value,
  options: SpectrogramOptions,
  plan: CoarsePlan,
): Value {
  const bands = [addNarrowBands(graph, waveform, options, plan), addWideBands(graph, waveform, options, plan)];
  return addLog(graph, graph.node('Concat', { name: 'audio/bands', inputs: bands, attributes: { axis: 0 } }), options);
}

function addNarrowBands(
  graph: GraphBuilder,
  waveform: Value,
  options: SpectrogramOptions,
  { narrow, factor }: CoarsePlan,
): Value {
  const { windowLength, hopLength, nFft, minHz, maxHz } = options;
  const scope = 'audio/low';
  const [, frames] = spectrogramShape(options);
  const lower = decimation(factor);
  const window = Float32Array.from({ length: windowLength / factor }, (_, i) => {
    const n = factor * i + lower.delay;
    return n < windowLength ? factor * hannAt(n, windowLength) : 0;
  });
  const filters = filtersOf(options, { first: 0, end: narrow, step: 1 });
  for (const [i, height] of filters.entries()) {
    // what the filter takes from a frequency is given back
    if (height > 0) filters[i] = height / responseOf(lower, Math.floor(i / narrow) / nFft) ** 2;
  }
  const spectrum = addPowerSpectrum(graph, addDecimated(graph, waveform, lower, scope), {
    scope,
    window,
    hopLength: hopLength / factor,
    nFft: nFft / factor,
    firstBin: 0,
    lastBin: Math.floor(filters.findLastIndex((height) => height > 0) / narrow),
  });
  return addMelBands(graph, spectrum, { scope, filters, bands: narrow, hz: [minHz, maxHz], frames });
}

function addWideBands(
  graph: GraphBuilder,
  waveform: Value,
  options: SpectrogramOptions,
  { narrow, step }: CoarsePlan,
): Value {
  const { windowLength, hopLength, nFft, minHz, maxHz } = options;
  const scope = 'audio/high';
  const [count, frames] = spectrogramShape(options);
  const length = windowLength / 2;
  const first = windowLength / 4;
  const whole = Float32Array.from({ length: windowLength }, (_, n) => hannAt(n, windowLength));
  const window = Float32Array.from({ length }, (_, n) => Math.sin((Math.PI * (n + 0.5)) / length));
  const middles = slice(graph, `${scope}/waveform`, waveform, {
    axis: 1,
    start: first,
    end: first + (frames - 1) * hopLength + length,
  });
  const bands = count - narrow;
  const all = filtersOf(options, { first: narrow, end: count, step: 1 });
  const filters = filtersOf(options, { first: narrow, end: count, step });
  const scales = Array.from({ length: bands }, (_, band) => {
    const ofBand = (heights: Float32Array) => sumOf(heights.filter((_, i) => i % bands === band));
    return (sumOf(whole.map(square)) * ofBand(all)) / (sumOf(window.map(square)) * ofBand(filters));
  });
  const spectrum = addPowerSpectrum(graph, middles, {
    scope,
    window,
    hopLength,
    nFft: nFft / step,
    firstBin: Math.floor(filters.findIndex((height) => height > 0) / bands),
    lastBin: Math.ceil(lastBinOf(options) / step),
  });
  const scaled = filters.map((height, i) => height * (scales[i % bands] as number));
  return addMelBands(graph, spectrum, { scope, filters: scaled, bands, hz: [minHz, maxHz], frames });
}

/** @returns of some bands and of every so many bins the filters, `[F, M]`. */
function filtersOf(
  options: SpectrogramOptions,
  { first, end, step }: { first: number; end: number; step: number },
): Float32Array {
  const [count] = spectrogramShape(options);
  const all = melFilters(options);
  return all.filter((_, i) => i % count >= first && i % count < end && Math.floor(i / count) % step === 0);
}

const square = (number: number) => number * number;

function sumOf(numbers: Float32Array): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
