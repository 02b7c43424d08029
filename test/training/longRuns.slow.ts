import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { startCommand } from './support/command.ts';
import { digests } from './support/digests.ts';
import { tinySpectrogram } from './support/tinySpectrogram.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-long-runs-'));
const data = join(folder, 'data');
beforeAll(async () => {
  await startCommand('prepare', 'digits', '--out', data).succeeds;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fromDigits = ['--preset', 'digits'];
const fromPrepared = [
  ...['--preset', 'small', '--data', data],
  ...tinySpectrogram,
  ...['pictureSize=28', 'pictureShortSide=28', 'audioGrid=[1,1]', 'imageGrid=[1,1]'],
].flatMap((word) => (word.includes('=') ? ['--set', word] : [word]));
const tiny = ['batchSize=8', 'network.channels=[4,4]'].flatMap((setting) => ['--set', setting]);

describe('a run that is killed and resumed', () => {
  const settings = ['steps=400', 'saveEvery=10', 'evalEvery=200', 'logEvery=5'].flatMap((word) => ['--set', word]);
  const start = (out: string, source: string[]) =>
    startCommand('train', '--out', out, ...source, ...tiny, ...settings, '--resume');

  test.each([
    ['ten times, on digits', fromDigits, 10],
    ['once, on a prepared dataset', fromPrepared, 1],
  ])(
    '%s, at random moments, ends with the same metrics and the same weights, bit for bit, as one never killed',
    async (name, source, kills) => {
      const [whole, killed] = [join(folder, `${name}, whole`), join(folder, `${name}, killed`)];
      await start(whole, source).succeeds;
      const random = new Random(7);
      for (let kill = 0; kill < kills; kill++) {
        const run = start(killed, source);
        await run.said('Settings');
        const lines = logged(killed).length + 1 + random.integer(7);
        while (logged(killed).length < lines) await sleep(5);
        await sleep(random.uniform(0, 50)); // between two steps, within one, or while a checkpoint is written
        run.kill('SIGKILL');
        expect((await run.ended).code).toBeNull();
      }
      await start(killed, source).succeeds;
      expect(digests(join(killed, 'step-400'))).toEqual(digests(join(whole, 'step-400')));
      expect(logged(killed)).toEqual(logged(whole));
    },
    600_000,
  );
});

test('resident memory after 2,000 steps is within 5 % of that after 200', async () => {
  const out = join(folder, 'memory');
  const settings = ['steps=100000', 'saveEvery=100000', 'evalEvery=100000', 'logEvery=20'];
  const run = startCommand(
    'train',
    '--out',
    out,
    ...fromPrepared,
    ...tiny,
    ...settings.flatMap((word) => ['--set', word]),
  );
  await run.said('Settings');
  const residentAfter = async (steps: number) => {
    while (logged(out).length < steps / 20) await sleep(20);
    return run.residentBytes();
  };
  const [early, late] = [await residentAfter(200), await residentAfter(2000)];
  run.kill('SIGKILL');
  await run.ended;
  expect(late / early).toBeLessThan(1.05);
}, 600_000);

/** The lines of a run's metrics. */
function logged(run: string): string[] {
  return readFileSync(join(run, 'metrics.jsonl'), 'utf8').split('\n').slice(0, -1);
}
