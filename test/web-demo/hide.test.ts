import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { logSpectrogram } from '#core/logSpectrogram.ts';
import { frequencyAt } from '#core/spectrogram.ts';
import { hideInPicture, hideInSound } from '../../web-demo/explain/hide.ts';

const { spectrogram } = JSON.parse(readFileSync('models/digits/manifest.json', 'utf8')).training.config.model;

test('a hidden cell of a picture has the mean colour, all else is as it was', () => {
  const [width, height] = [14, 7];
  const image = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 251);
  const hidden = hideInPicture(image, { of: 'picture', rows: 7, columns: 7, row: 2, column: 3 }, { width, height });
  const mean = [0, 1, 2].map((c) =>
    Math.round(image.filter((_, i) => i % 3 === c).reduce((a, b) => a + b) / (width * height)),
  );
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 3 * (y * width + x);
      const isInside = y === 2 && (x === 6 || x === 7);
      expect([...hidden.subarray(at, at + 3)]).toEqual(isInside ? mean : [...image.subarray(at, at + 3)]);
    }
  }
});

test('a hidden cell of a sound is quiet in its band and its time; other bands and times keep their loudness', () => {
  let state = 1;
  const noise = Float32Array.from({ length: spectrogram.samples }, () => {
    state = (state * 48271) % 2147483647; // Lehmer
    return state / 2147483647 - 0.5;
  });
  const [rows, columns, row, column] = [4, 4, 1, 2];
  const power = (waveform: Float32Array, r: number, c: number) => {
    const { frames, bins, values } = logSpectrogram(waveform, spectrogram);
    let [sum, count] = [0, 0];
    for (let t = Math.ceil(((c + 0.25) * frames) / columns); t < ((c + 0.75) * frames) / columns; t++) {
      for (let f = Math.ceil((1 - (r + 0.75) / rows) * bins); f < (1 - (r + 0.25) / rows) * bins; f++) {
        sum += values[t * bins + f] as number;
        count++;
      }
    }
    return sum / count;
  };
  const hidden = hideInSound(noise, { of: 'sound', rows, columns, row, column }, spectrogram);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const fallen = power(noise, r, c) - power(hidden, r, c);
      if (r === row && c === column)
        expect(fallen).toBeGreaterThan(3); // 13 dB
      else expect(Math.abs(fallen), `${r}, ${c}`).toBeLessThan(0.5);
    }
  }
});

test('heights of a spectrogram are frequencies between its edges, rising', () => {
  const hz = [0, 0.25, 0.5, 0.75, 1].map((share) => frequencyAt(share, { ...spectrogram, nMels: 40 }));
  expect(hz[0]).toBeCloseTo(spectrogram.minHz);
  expect(hz[4]).toBeCloseTo(spectrogram.maxHz);
  expect(hz).toEqual(hz.toSorted((a, b) => a - b));
  expect(frequencyAt(0.5, { ...spectrogram, nMels: null })).toBe(spectrogram.sampleRate / 4);
});
