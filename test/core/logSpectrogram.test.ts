import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { logSpectrogram } from '#core/logSpectrogram.ts';

test.each(['linear-scipy', 'mel-librosa'])(
  'the log-spectrogram computed without a graph, to be drawn, is that of %s to 1e-3',
  async (name) => {
    const { options, shape, frames, values } = JSON.parse(
      await readFile(`test/fixtures/spectrogram/${name}.json`, 'utf8'),
    );
    const spectrogram = logSpectrogram(sound(options.samples, options.sampleRate), options);
    expect([spectrogram.bins, spectrogram.frames]).toEqual(shape);
    for (const [i, frame] of frames.entries()) {
      for (let bin = 0; bin < spectrogram.bins; bin++) {
        expect(spectrogram.values[frame * spectrogram.bins + bin]).toBeCloseTo(values[i][bin], 3);
      }
    }
  },
);

/** The sound of test/fixtures/spectrogram/make.py. */
function sound(samples: number, sampleRate: number): Float32Array {
  return Float32Array.from({ length: samples }, (_, n) => {
    const noise = ((n * n * 7919 + n * 104729) % 65536) / 65536 - 0.5;
    return 0.5 * Math.sin((2 * Math.PI * 440 * n) / sampleRate) + 0.25 * noise;
  });
}
