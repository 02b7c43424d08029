import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type SpectrogramOptions, spectrogramShape } from '#core/spectrogram.ts';
import { addLogSpectrogram } from '../../export/graphs/logSpectrogram.ts';
import { GraphBuilder } from '../../export/onnx/graph.ts';
import { createFrontends } from '../../training/model/frontends.ts';
import { tf } from '../../training/tensorflow/load.ts';
import { runGraph } from '../export/support/runGraph.ts';

/** Made by `test/fixtures/spectrogram/make.py`. */
interface Fixture {
  options: SpectrogramOptions;
  shape: number[];
  frames: number[];
  /** Of each of `frames`, every bin. */
  values: number[][];
}

/** As `sound` of `make.py`. */
function sound({ samples, sampleRate }: SpectrogramOptions): Float32Array {
  return Float32Array.from({ length: samples }, (_, n) => {
    const noise = ((n * n * 7919 + n * 104729) % 65536) / 65536 - 0.5;
    return 0.5 * Math.sin((2 * Math.PI * 440 * n) / sampleRate) + 0.25 * noise;
  });
}

describe.each([
  ['linear-scipy', "scipy's STFT, at L3's sizes"],
  ['mel-librosa', "librosa's mel spectrogram, as the digits model hears"],
])('%s', (file, source) => {
  const url = new URL(`../fixtures/spectrogram/${file}.json`, import.meta.url);
  const { options, shape, frames, values }: Fixture = JSON.parse(readFileSync(url, 'utf8'));
  const waveform = sound(options);
  const [bins, count] = shape as [number, number];

  const expectSameNumbers = (spectrogram: Float32Array) => {
    expect(spectrogram.length).toBe(bins * count);
    for (const [i, frame] of frames.entries()) {
      for (let bin = 0; bin < bins; bin++) {
        const difference = Math.abs((spectrogram[bin * count + frame] as number) - (values[i]?.[bin] as number));
        expect(difference, `bin ${bin} of frame ${frame}`).toBeLessThan(1e-4);
      }
    }
  };

  test(`${source}: as many bins and frames`, () => {
    expect(spectrogramShape(options)).toEqual(shape);
  });

  test(`${source}: the same to 1e-4 in an exported graph`, async () => {
    const graph = new GraphBuilder({ name: 'spectrogram', doc: '' });
    const input = graph.input({ name: 'waveform', type: 'float32', shape: ['batch', options.samples] }, '');
    graph.output(addLogSpectrogram(graph, input, options), 'result', '');
    const { result } = await runGraph(graph, { waveform: { shape: [1, options.samples], data: waveform } });
    expect(result?.shape).toEqual([1, 1, bins, count]);
    expectSameNumbers(result?.data as Float32Array);
  });

  test(`${source}: the same to 1e-4 in training`, () => {
    const image = { width: 1, height: 1, shortSide: 1, scale: 1, offset: 0 };
    const spectrogram = createFrontends(options, image).spectrogram(tf.tensor2d(waveform, [1, options.samples]));
    expect(spectrogram.shape).toEqual([1, bins, count, 1]);
    expectSameNumbers(spectrogram.dataSync<'float32'>());
  });
});
