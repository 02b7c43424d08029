import { frequencyBins, hannAt, melFilters, type SpectrogramOptions, spectrogramShape } from '#core/spectrogram.ts';
import type { GraphBuilder, Value } from '../onnx/graph.ts';
import { addMelBands } from './melBands.ts';
import { addPowerSpectrum, type PowerSpectrum } from './powerSpectrum.ts';
import { reshape, transpose } from './shapes.ts';

/** Of the value that is the log-spectrogram. */
export const logSpectrogramName = 'audio/log_spectrogram';

/**
 * The log-spectrogram as nodes: power spectrum, mel bands, logarithm.
 *
 * @param waveform `[B, N]`.
 * @returns `[B, 1, F, T]`, natural log of power.
 */
export function addLogSpectrogram(graph: GraphBuilder, waveform: Value, options: SpectrogramOptions): Value {
  const { windowLength, hopLength, nFft, nMels } = options;
  const window = Float32Array.from({ length: windowLength }, (_, n) => hannAt(n, windowLength));
  const [bands, frames] = spectrogramShape(options);
  const spectrum = addPowerSpectrum(graph, waveform, {
    scope: 'audio',
    window,
    hopLength,
    nFft,
    firstBin: 0,
    lastBin: lastBinOf(options),
  });
  const power =
    nMels === null
      ? addBins(graph, spectrum, options)
      : addMelBands(graph, spectrum, {
          scope: 'audio',
          filters: melFilters(options),
          bands,
          hz: [options.minHz, options.maxHz],
          frames,
        });
  return addLog(graph, power, options);
}

/** @returns the highest frequency bin that a band reads. */
export function lastBinOf({ nFft, nMels, maxHz, sampleRate }: SpectrogramOptions): number {
  return nMels === null ? nFft / 2 : Math.min(nFft / 2, Math.ceil((maxHz / sampleRate) * nFft));
}

/**
 * @param power `[F, B · T]`.
 * @returns `[B, 1, F, T]`, natural log.
 */
export function addLog(graph: GraphBuilder, power: Value, options: SpectrogramOptions): Value {
  const offset = graph.node('Add', {
    name: 'audio/power_offset',
    inputs: [power, graph.scalar('audio/log_offset', options.logOffset)],
  });
  const log = graph.node('Log', { name: 'audio/log', inputs: [offset] });
  const [bands, frames] = spectrogramShape(options);
  const byClip = reshape(graph, 'audio/log_by_clip', log, [bands, -1, frames], [bands, 'batch', frames]);
  return graph.node('Unsqueeze', {
    name: logSpectrogramName,
    inputs: [transpose(graph, 'audio/log_of_clips', byClip, [1, 0, 2]), graph.integers('audio/channel_axis', [1])],
  });
}

/** Every frequency once, from the lowest: `[F, B · T]`. */
function addBins(graph: GraphBuilder, { power, bins }: PowerSpectrum, options: SpectrogramOptions): Value {
  const rows = bins[0]?.length ?? 0;
  const stored = Array.from({ length: rows * bins.length }, (_, i) => {
    return bins[i % bins.length]?.[Math.floor(i / bins.length)];
  });
  const order = Array.from({ length: frequencyBins(options) }, (_, bin) => stored.indexOf(bin));
  return graph.node('Gather', {
    name: 'audio/frequencies',
    inputs: [
      reshape(graph, 'audio/power_rows', power, [stored.length, -1]),
      graph.constant('audio/frequencies/rows', Int32Array.from(order), [order.length]),
    ],
    attributes: { axis: 0 },
  });
}
