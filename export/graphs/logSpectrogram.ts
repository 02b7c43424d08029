import { frequencyBins, hannAt, melFilters, type SpectrogramOptions, spectrogramShape } from '#core/spectrogram.ts';
import type { GraphBuilder, Value } from '../onnx/graph.ts';
import { addPowerSpectrum, type PowerSpectrum } from './powerSpectrum.ts';

/**
 * The log-spectrogram as nodes: power spectrum, mel bands, logarithm.
 *
 * @param waveform `[B, N]`.
 * @returns `[B, 1, F, T]`, natural log of power.
 */
export function addLogSpectrogram(graph: GraphBuilder, waveform: Value, options: SpectrogramOptions): Value {
  const { windowLength, hopLength, nFft, logOffset } = options;
  const window = Float32Array.from({ length: windowLength }, (_, n) => hannAt(n, windowLength));
  const spectrum = addPowerSpectrum(graph, waveform, { window, hopLength, nFft });
  const power = options.nMels === null ? addBins(graph, spectrum, options) : addMelBands(graph, spectrum, options);
  const offset = graph.node('Add', {
    name: 'audio/power_offset',
    inputs: [power, graph.scalar('audio/log_offset', logOffset)],
  });
  const log = graph.node('Log', { name: 'audio/log', inputs: [offset] });
  return graph.node('Unsqueeze', {
    name: 'audio/log_spectrogram',
    inputs: [log, graph.integers('audio/channel_axis', [1])],
  });
}

/** Every frequency once, from the lowest. */
function addBins(graph: GraphBuilder, { power, bins }: PowerSpectrum, options: SpectrogramOptions): Value {
  const rows = Array.from({ length: frequencyBins(options) }, (_, bin) => bins.indexOf(bin));
  return graph.node('Gather', {
    name: 'audio/frequencies',
    inputs: [power, graph.constant('audio/frequencies/rows', Int32Array.from(rows), [rows.length])],
    attributes: { axis: 1 },
  });
}

/** The file holds the numbers of the filters that are not 0; ONNX Runtime makes the matrix when it loads the graph. */
function addMelBands(graph: GraphBuilder, { power, bins }: PowerSpectrum, options: SpectrogramOptions): Value {
  const [bands] = spectrogramShape(options);
  const filters = melFilters(options); // [F, M]
  const positions: number[] = [];
  const heights: number[] = [];
  for (let bin = 0; bin < frequencyBins(options); bin++) {
    for (let band = 0; band < bands; band++) {
      const height = filters[bin * bands + band] as number;
      if (height === 0) continue;
      positions.push(band * bins.length + bins.indexOf(bin));
      heights.push(height);
    }
  }
  const size = bands * bins.length;
  const empty = graph.node('ConstantOfShape', {
    name: 'audio/mel/empty',
    inputs: [graph.integers('audio/mel/size', [size])],
  });
  const filled = graph.node('ScatterElements', {
    name: 'audio/mel/filled',
    inputs: [
      empty,
      graph.constant('audio/mel/positions', Int32Array.from(positions), [positions.length]),
      graph.constant('audio/mel/heights', Float32Array.from(heights), [heights.length]),
    ],
  });
  const matrix = graph.node('Reshape', {
    name: 'audio/mel/filters',
    inputs: [filled, graph.integers('audio/mel/shape', [bands, bins.length])],
  });
  return graph.node('MatMul', {
    name: 'audio/mel',
    inputs: [matrix, power],
    doc: `${bands} mel bands from ${options.minHz} to ${options.maxHz} Hz.`,
  });
}
