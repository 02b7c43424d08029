import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { digitsSampleRate, type Recording, readDigits } from '#core/datasets/digits.ts';
import { Random } from '#core/random.ts';
import { trimSilence } from '../../web-demo/sound/trim.ts';

let recordings: Recording[];

beforeAll(async () => {
  const split = await readDigits((file) => readFile(`datasets/digits/${file}`), 'test');
  recordings = split.recordings;
});

test('of two seconds of a quiet room in which somebody says a digit, the digit is kept', () => {
  const random = new Random(3);
  for (const { name, waveform } of recordings.filter((_, i) => i % 10 === 0)) {
    const start = 2000 + random.integer(4000);
    const room = Float32Array.from(
      { length: 2 * digitsSampleRate },
      (_, n) => (waveform[n - start] ?? 0) + 0.001 * random.normal(),
    );
    const kept = trim(room) as Float32Array;
    expect(kept.length, name).toBeLessThan(waveform.length + 0.2 * digitsSampleRate);
    expect(energy(kept) / energy(waveform), name).toBeGreaterThan(0.95);
  }
});

test('a click at the start of the recording is not taken for speech', () => {
  const word = (recordings[0] as Recording).waveform;
  const clicked = new Float32Array(2 * digitsSampleRate);
  clicked.fill(0.3, 40, 80);
  clicked.set(word, 6000);
  const kept = trim(clicked) as Float32Array;
  expect(kept.length).toBeLessThan(word.length + 0.2 * digitsSampleRate);
});

test('silence and a muted microphone have nothing to keep', () => {
  expect(trim(new Float32Array(16000))).toBeUndefined();
  expect(trim(new Float32Array(0))).toBeUndefined();
});

function trim(waveform: Float32Array): Float32Array | undefined {
  return trimSilence({ waveform, sampleRate: digitsSampleRate })?.waveform;
}

function energy(waveform: Float32Array): number {
  return waveform.reduce((sum, sample) => sum + sample * sample, 0);
}
