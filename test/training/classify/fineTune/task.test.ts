import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { exportBundle } from '../../../../export/export.ts';
import type { ClassifyConfig } from '../../../../training/classify/config.ts';
import { createClassifyTask } from '../../../../training/classify/fineTune/task.ts';
import { resolveConfig } from '../../../../training/config.ts';
import { findPreset } from '../../../../training/presets/index.ts';
import { openCheckpoint } from '../../../../training/run/openCheckpoint.ts';
import { train } from '../../../../training/train.ts';
import { put, tone } from '../../../prepare/support/media.ts';
import { prepare } from '../../../prepare/support/prepare.ts';
import { outcome } from '../../support/smallRun.ts';
import { tinySpectrogram } from '../../support/tinySpectrogram.ts';
import { makeSounds } from '../support/makeSounds.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-classify-'));
let sounds: string;
beforeAll(async () => {
  sounds = await makeSounds(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The strong recipe for a tiny network. */
function tiny(...changes: string[]): ClassifyConfig {
  const settings = [
    `data.folder=${sounds}`,
    'testFold=1',
    'validationFold=2',
    'epochs=null',
    'steps=60',
    'batchSize=12',
    'logEvery=20',
    'evalEvery=20',
    'saveEvery=20',
    'learningRate=1e-2',
    ...tinySpectrogram,
    'seconds=1',
    'network.channels=[8,16]',
    'audioGrid=[2,2]',
    'imageGrid=[1,1]',
  ];
  return resolveConfig(findPreset('strong', undefined), [...settings, ...changes]) as ClassifyConfig;
}

/** The losses of batches on a network that does not learn. */
async function losses(config: ClassifyConfig, { first, count }: { first: number; count: number }): Promise<number[]> {
  const task = await createClassifyTask(config, null, process.stderr);
  const batches = task.startBatches(first);
  const values: number[] = [];
  while (values.length < count) {
    const batch = await batches.next();
    values.push(batch.loss().loss.dataSync()[0] as number);
    batch.dispose();
  }
  await batches.close();
  return values;
}

test('a batch, as mixed, masked and turned, depends on the seed and its number alone', async () => {
  const changes = ['dropout=0.3', 'mixup=0.5'];
  const whole = await losses(tiny(...changes, 'workers=1'), { first: 0, count: 6 });
  expect(new Set(whole).size).toBe(6);
  expect(await losses(tiny(...changes, 'workers=3', 'ahead=4'), { first: 0, count: 6 })).toEqual(whole);
  expect(await losses(tiny(...changes), { first: 4, count: 2 })).toEqual(whole.slice(4));
  expect(await losses(tiny(...changes, 'seed=1'), { first: 0, count: 6 })).not.toEqual(whole);
});

test('the last steps, as many as asked, see examples that are neither stretched nor mixed nor masked', async () => {
  const augmented = ['mixup=1', 'stretch.time=0.5', 'bandMasks=2', 'plainEnd=0'];
  const plain = ['mixup=0', 'stretch.time=0', 'stretch.bands=0', 'bandMasks=0', 'frameMasks=0'];
  const inParts = ['steps=3', 'rowsAtOnce=6']; // six parts of 6
  const all = { first: 0, count: 6 };
  const [before, after] = [
    await losses(tiny(...inParts, ...augmented), all),
    await losses(tiny(...inParts, ...plain), all),
  ];
  expect(before[0]).not.toBeCloseTo(after[0] as number, 3);
  expect(await losses(tiny(...inParts, ...augmented, 'plainEnd=0.34'), all)).toEqual([
    ...before.slice(0, 4),
    ...after.slice(4),
  ]);
});

test('from random weights the recipe learns tones that it is then tested on, and is exported as it was trained', async () => {
  const runDir = join(folder, 'run');
  const options = { resume: false, commit: null, output: { write: () => {} }, signal: new AbortController().signal };
  const result = await train({ config: tiny(), runDir, ...options });
  expect(result.metrics).toMatchObject({ items: 12, accuracy: 1, macroF1: 1 });
  const state = JSON.parse(readFileSync(join(result.checkpoint, 'state.json'), 'utf8'));
  expect(state.parts).toEqual(['audio']);
  expect(state.dataset.testFold).toBe(1);
  expect(state.classifiers).toEqual([{ name: 'esc50', input: 'audio_embedding', labels: ['low', 'middle', 'high'] }]);
  const { files } = await exportBundle({ checkpoint: runDir, out: join(folder, 'bundle'), version: '1' }); // it verifies itself
  expect(files.map(({ file }) => file)).toContain('classify-esc50.onnx');

  // All of it goes on from a branch that was trained.
  const config = tiny(`from=${runDir}`, 'hidden=16', 'steps=40');
  const tuned = await train({ config, runDir: join(folder, 'tuned'), ...options });
  expect(tuned.metrics.accuracy).toBe(1);
});

test('a run from another goes on from its checkpoint where the other is gone, with the same bits', async () => {
  const base = { resume: false, commit: null, signal: new AbortController().signal };
  const quiet = { write: () => {} };
  const [other, whole, stopped] = ['other', 'from-other', 'stopped'].map((name) => join(folder, name));
  const steps = ['steps=4', 'saveEvery=2', 'evalEvery=4', 'logEvery=1', 'dropout=0.3'];
  await train({
    ...base,
    config: tiny('steps=2', 'saveEvery=2', 'evalEvery=2'),
    runDir: other as string,
    output: quiet,
  });
  const config = tiny(...steps, `from=${other}`);
  const expected = await train({ ...base, config, runDir: whole as string, output: quiet });
  const stop = new AbortController();
  const write = (text: string) => text.includes('step 2 of') && stop.abort();
  const first = await train({ ...base, config, runDir: stopped as string, output: { write }, signal: stop.signal });
  expect(first.finished).toBe(false);
  rmSync(other as string, { recursive: true });
  const { metrics } = await train({ ...base, config, runDir: stopped as string, resume: true, output: quiet });
  expect(metrics).toEqual(expected.metrics);
  expect(outcome(stopped as string, 4)).toEqual(outcome(whole as string, 4));
});

test('a run does not go on with a dataset that was prepared anew: what it has learnt from may be tested on now', async () => {
  const [out, runDir] = [join(folder, 'data-anew'), join(folder, 'run-anew')];
  const prepareAs = (seed: number) =>
    prepare({
      kind: 'imagenet-val',
      from: [join(folder, 'pictures')],
      out,
      settings: { seed, shortSide: 32, heldOut: 0.25 },
    });
  const random = new Random(1);
  for (let i = 0; i < 30; i++) {
    const grain = Uint8Array.from({ length: 4 * 3 * 3 }, () => random.integer(256));
    const mosaic = sharp(grain, { raw: { width: 4, height: 3, channels: 3 } }).resize(40, 30, { kernel: 'nearest' });
    put(join(folder, 'pictures', i % 2 ? 'cat' : 'dog', `${i}.png`), await mosaic.png().toBuffer());
  }
  await prepareAs(0);
  const settings = [
    `data.folder=${out}`,
    'testFold=null',
    'validationFold=null',
    'steps=4',
    'saveEvery=2',
    'evalEvery=4',
  ];
  const config = tiny(...settings, 'from=random', 'pictureSize=28', 'pictureShortSide=32');
  const stop = new AbortController();
  const write = (text: string) => text.includes('step 2 of') && stop.abort();
  const base = { config, runDir, commit: null };
  await train({ ...base, resume: false, output: { write }, signal: stop.signal });
  rmSync(out, { recursive: true });
  await prepareAs(1);
  const resume = () =>
    train({ ...base, resume: true, output: { write: () => {} }, signal: new AbortController().signal });
  await expect(resume()).rejects.toThrow(/was begun with another dataset than "imagenet-val" is now/);
  rmSync(out, { recursive: true });
  await prepareAs(0);
  expect((await resume()).finished).toBe(true);
});

test('a dataset of another rate than the network’s is refused, saying how it is prepared again', async () => {
  await expect(createClassifyTask(tiny('sampleRate=16000'), null, process.stderr)).rejects.toThrow(
    /--sample-rate 16000/,
  );
});

test('a branch that is not there is refused', async () => {
  await expect(createClassifyTask(tiny(`from=${join(folder, 'none')}`), null, process.stderr)).rejects.toThrow(
    /none at/,
  );
});

test('a test split of one category has no ROC AUC, and its run can be read again', async () => {
  const collection = join(folder, 'few');
  const rows = [
    ['1-1-A-0.wav', 1, 0, 'low', 200],
    ['2-1-A-0.wav', 2, 0, 'low', 300],
    ['3-1-A-1.wav', 3, 1, 'high', 900],
  ] as const;
  for (const [file, , , , hz] of rows) {
    put(join(collection, 'audio', file), tone({ hz, seconds: 1, sampleRate: 8000, loudness: 0.3 }));
  }
  put(
    join(collection, 'meta/esc50.csv'),
    `filename,fold,target,category\n${rows.map((row) => row.slice(0, 4)).join('\n')}\n`,
  );
  const out = join(folder, 'few-sounds');
  await prepare({ kind: 'esc50', from: [collection], out });
  const options = { resume: false, commit: null, output: { write: () => {} }, signal: new AbortController().signal };
  const network = tiny(`data.folder=${out}`, 'steps=2', 'batchSize=4');
  const probe = resolveConfig(findPreset('probe', undefined), [
    ...[`data.folder=${out}`, 'from=random', 'testFold=1', 'costs=[0.01]', ...tinySpectrogram],
    ...['network.channels=[4]', 'audioGrid=[2,2]'],
  ]);
  for (const config of [network, probe]) {
    const runDir = join(folder, `few-${config.preset}`);
    const { metrics } = await train({ config, runDir, ...options });
    expect(Object.keys(metrics)).not.toContain('rocAuc');
    expect(metrics.items).toBe(1);
    expect((await train({ config, runDir, ...options, resume: true })).metrics).toEqual(metrics);
    expect((await openCheckpoint(runDir)).state.finished).toBe(true);
  }
});
