import { expect, test } from 'vitest';
import { audioWindows, centreInWindow } from '#core/media/windows.ts';

const counting = (length: number) => Float32Array.from({ length }, (_, n) => n);
const options = { sampleRate: 10, samples: 10 }; // one window is a second

test('windows follow each other by half a window, and the last one ends with the sound', () => {
  const windows = audioWindows(counting(23), options);
  expect(windows.map(({ startSeconds }) => startSeconds)).toEqual([0, 0.5, 1, 1.3]);
  expect(windows.map(({ samples }) => [samples[0], samples.at(-1)])).toEqual([
    [0, 9],
    [5, 14],
    [10, 19],
    [13, 22],
  ]);
});

test('the step between windows can be chosen', () => {
  expect(audioWindows(counting(30), { ...options, hopSeconds: 1 }).map(({ startSeconds }) => startSeconds)).toEqual([
    0, 1, 2,
  ]);
});

test('a sound shorter than a window stands in the middle of silence and starts at 0', () => {
  const [window, ...others] = audioWindows(Float32Array.of(1, 2, 3), options);
  expect(others).toEqual([]);
  expect(window).toEqual({ startSeconds: 0, samples: Float32Array.of(0, 0, 0, 1, 2, 3, 0, 0, 0, 0) });
});

test('a sound without samples and a step of nothing are refused', () => {
  expect(() => audioWindows(counting(0), options)).toThrow(/no samples/);
  expect(() => audioWindows(counting(30), { ...options, hopSeconds: 0 })).toThrow(/hopSeconds above 0/);
});

test('of a longer sound the middle is taken', () => {
  expect(centreInWindow(counting(14), 10)).toEqual(counting(14).slice(2, 12));
});
