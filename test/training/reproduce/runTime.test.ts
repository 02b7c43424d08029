import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { secondsOf, startTry } from '../../../training/reproduce/runTime.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-run-time-'));
const run = join(folder, 'run');
const begin = () => {
  mkdirSync(run, { recursive: true });
  writeFileSync(join(run, 'config.json'), '{}');
};

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] }));
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

test('a run that is gone on with counts the time of all tries, killed ones too', async () => {
  expect(await secondsOf(run)).toBe(0);
  await startTry(run);
  begin();
  vi.advanceTimersByTime(65_000);
  await vi.waitFor(async () => expect(await secondsOf(run)).toBe(60));
  vi.clearAllTimers(); // killed
  const second = await startTry(run);
  vi.advanceTimersByTime(7_000);
  await second.end();
  expect(second.earlierSeconds).toBe(60);
  expect(await secondsOf(run)).toBe(67);
});

test('of a run that was begun without counting the time is not known', async () => {
  begin();
  const later = await startTry(run);
  vi.advanceTimersByTime(20_000);
  await later.end();
  expect(later.earlierSeconds).toBeNull();
  expect(await secondsOf(run)).toBeNull();
});
