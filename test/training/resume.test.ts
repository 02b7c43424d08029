import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startCommand } from './support/command.ts';
import { digests } from './support/digests.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-resume-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const settings = [
  'steps=12',
  'saveEvery=4',
  'evalEvery=8',
  'logEvery=2',
  'batchSize=8',
  'network.channels=[4,4]',
].flatMap((change) => ['--set', change]);

function startTraining(out: string, ...flags: string[]) {
  return startCommand('train', '--preset', 'digits', '--out', out, ...settings, ...flags);
}

async function until(isTrue: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 60_000; !isTrue(); ) {
    if (Date.now() > deadline) throw new Error('Waited a minute in vain.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('a run killed again and again, then resumed, ends with the same weights and metrics, bit for bit, as one never killed', async () => {
  const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')];
  expect(await startTraining(whole).ended).toMatchObject({ code: 0 });

  for (const step of [4, 8]) {
    const run = startTraining(killed, '--resume');
    await until(() => existsSync(killed) && readdirSync(killed).some((name) => name.startsWith(`step-${step}`)));
    run.kill('SIGKILL'); // while the checkpoint is written, or just after
    await run.ended;
  }
  expect(await startTraining(killed, '--resume').ended).toMatchObject({ code: 0 });

  expect(digests(join(killed, 'step-12'))).toEqual(digests(join(whole, 'step-12')));
  expect(readFileSync(join(killed, 'metrics.jsonl'), 'utf8')).toBe(readFileSync(join(whole, 'metrics.jsonl'), 'utf8'));
}, 180_000);

test('Ctrl-C saves where the run stands, says how to go on, and exits with 130', async () => {
  const out = join(folder, 'interrupted');
  const run = startTraining(out, '--set', 'steps=100000');
  await until(() => existsSync(join(out, 'step-4')));
  run.kill('SIGINT');
  const { code, stderr } = await run.ended;
  expect(code).toBe(130);
  const step = /Stopped after step (\d+)/.exec(stderr)?.[1];
  expect(existsSync(join(out, `step-${step}`, 'state.json'))).toBe(true);
  expect(stderr).toContain('--resume');
}, 60_000);

test('a run is never begun over another: without --resume, or with other settings, the command says so and changes nothing', async () => {
  const out = join(folder, 'taken');
  await startTraining(out, '--set', 'steps=4').ended;
  const before = digests(out);
  const again = await startTraining(out, '--set', 'steps=4').ended;
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('--resume') });
  const other = await startTraining(out, '--set', 'steps=8', '--resume').ended;
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('steps') });
  expect(digests(out)).toEqual(before);
}, 60_000);

test('a setting that does not exist is refused, naming those that do', async () => {
  const { code, stderr } = await startTraining(join(folder, 'wrong'), '--set', 'voice.sped=[1,1]').ended;
  expect(code).toBe(1);
  expect(stderr).toContain('voice.sped');
  expect(stderr).toContain('data.voice.speed, data.voice.peakDecibels');
}, 30_000);

test('signals that come twice at once, as npm passes them on, are one: the run is saved', async () => {
  const out = join(folder, 'twice');
  const run = startTraining(out, '--set', 'steps=100000');
  await until(() => existsSync(join(out, 'step-4')));
  run.kill('SIGINT');
  run.kill('SIGTERM');
  await run.said('Stopping');
  run.kill('SIGINT');
  const { code, stderr } = await run.ended;
  expect(code).toBe(130);
  expect(stderr).toContain('Stopped after step');
}, 60_000);

test('a run that could not begin leaves its folder free for other settings', async () => {
  const out = join(folder, 'corrected');
  const wrong = await startTraining(out, '--set', 'network.sampleRate=16000').ended;
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('sampleRate=8000') });
  expect(await startTraining(out, '--set', 'steps=4').ended).toMatchObject({ code: 0 });
}, 60_000);

test('a second process in a run’s folder is refused while the first trains, and changes nothing', async () => {
  const out = join(folder, 'both');
  const endless = ['--set', 'steps=100000'];
  const first = startTraining(out, ...endless);
  await until(() => existsSync(join(out, 'step-4')));
  const second = await startTraining(out, ...endless, '--resume').ended;
  expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/process \d+ on .* trains there/) });
  first.kill('SIGINT');
  const { stderr } = await first.ended;
  const step = /Stopped after step (\d+)/.exec(stderr)?.[1];
  expect(existsSync(join(out, `step-${step}`, 'state.json'))).toBe(true);
  const lines = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trim().split('\n');
  const logged = lines.map((line) => JSON.parse(line)).flatMap(({ split, step }) => (split ? [] : (step as number)));
  expect(logged).toEqual([...new Set(logged)].sort((a, b) => a - b));
  expect(readdirSync(out)).not.toContain('train.lock');
}, 60_000);
