import { frequencyBins, hannAt, type SpectrogramOptions, spectrogramShape } from '#core/spectrogram.ts';
import type { GraphBuilder, Value } from '../onnx/graph.ts';
import { addMelBands } from './melBands.ts';
import { addPowerSpectrum, type PowerSpectrum } from './powerSpectrum.ts';
import { reshape, transpose } from './shapes.ts';

/**
 * The log-spectrogram as nodes: power spectrum, mel bands, logarithm.
 *
 * @param waveform `[B, N]`.
 * @returns `[B, 1, F, T]`, natural log of power.
 */
export function addLogSpectrogram(graph: GraphBuilder, waveform: Value, options: SpectrogramOptions): Value {
  const { windowLength, hopLength, nFft, nMels, maxHz, sampleRate, logOffset } = options;
  const window = Float32Array.from({ length: windowLength }, (_, n) => hannAt(n, windowLength));
  const lastBin = nMels === null ? nFft / 2 : Math.min(nFft / 2, Math.ceil((maxHz / sampleRate) * nFft));
  const spectrum = addPowerSpectrum(graph, waveform, { window, hopLength, nFft, lastBin });
  const power = nMels === null ? addBins(graph, spectrum, options) : addMelBands(graph, spectrum, options);
  const offset = graph.node('Add', {
    name: 'audio/power_offset',
    inputs: [power, graph.scalar('audio/log_offset', logOffset)],
  });
  const log = graph.node('Log', { name: 'audio/log', inputs: [offset] });
  const [bands, frames] = spectrogramShape(options);
  const byClip = reshape(graph, 'audio/log_by_clip', log, [bands, -1, frames], [bands, 'batch', frames]);
  return graph.node('Unsqueeze', {
    name: 'audio/log_spectrogram',
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
