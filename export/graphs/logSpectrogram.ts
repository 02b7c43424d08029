import {
  frequencyBins,
  melFilters,
  type SpectrogramOptions,
  spectrogramShape,
  windowedDftBasis,
} from '#core/spectrogram.ts';
import type { GraphBuilder, Value } from '../onnx/graph.ts';

/**
 * The log-spectrogram as nodes: a convolution with the windowed DFT basis frames and transforms in one step.
 *
 * @param waveform `[B, N]`.
 * @returns `[B, 1, F, T]`, natural log of power.
 */
export function addLogSpectrogram(graph: GraphBuilder, waveform: Value, options: SpectrogramOptions): Value {
  const { samples, windowLength, hopLength, nMels, logOffset } = options;
  const [rows, frames] = spectrogramShape(options);
  const bins = frequencyBins(options);
  const basis = windowedDftBasis(options);

  const axis = graph.integers('audio/channel_axis', [1]);
  const channel = graph.node('Unsqueeze', {
    name: 'audio/waveform_channel',
    inputs: [waveform, axis],
    shape: ['batch', 1, samples],
  });
  const squaredPart = (part: 'cosine' | 'sine') => {
    const kernel = transpose(basis[part], { rows: windowLength, columns: bins });
    const transformed = graph.node('Conv', {
      name: `audio/stft_${part}`,
      inputs: [channel, graph.constant(`audio/stft_${part}/basis`, kernel, [bins, 1, windowLength])],
      shape: ['batch', bins, frames],
      attributes: { kernel_shape: { ints: [windowLength] }, strides: { ints: [hopLength] } },
      doc: `Short-time Fourier transform, ${part} part: a Hann window of ${windowLength} samples every ${hopLength}.`,
    });
    return graph.node('Mul', {
      name: `audio/stft_${part}_squared`,
      inputs: [transformed, transformed],
      shape: ['batch', bins, frames],
    });
  };
  let power = graph.node('Add', {
    name: 'audio/power',
    inputs: [squaredPart('cosine'), squaredPart('sine')],
    shape: ['batch', bins, frames],
  });
  if (nMels !== null) {
    const filters = transpose(melFilters(options), { rows: bins, columns: nMels });
    power = graph.node('MatMul', {
      name: 'audio/mel',
      inputs: [graph.constant('audio/mel/filters', filters, [nMels, bins]), power],
      shape: ['batch', nMels, frames],
      doc: `${nMels} mel bands from ${options.minHz} to ${options.maxHz} Hz.`,
    });
  }
  const shape: Value['shape'] = ['batch', rows, frames];
  const offset = graph.node('Add', {
    name: 'audio/power_offset',
    inputs: [power, graph.scalar('audio/log_offset', logOffset)],
    shape,
  });
  const log = graph.node('Log', { name: 'audio/log', inputs: [offset], shape });
  return graph.node('Unsqueeze', {
    name: 'audio/log_spectrogram',
    inputs: [log, axis],
    shape: ['batch', 1, rows, frames],
  });
}

function transpose(matrix: Float32Array, { rows, columns }: { rows: number; columns: number }): Float32Array {
  const transposed = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      transposed[column * rows + row] = matrix[row * columns + column] as number;
    }
  }
  return transposed;
}
