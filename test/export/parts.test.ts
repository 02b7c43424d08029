import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMatcher, type Matcher } from '#core/bundle/matcher.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { type ExportResult, exportBundle } from '../../export/export.ts';
import { randomClassifier, randomNetwork, smallConfig, writeCheckpoint } from './support/checkpoint.ts';

const folder = await mkdtemp(join(tmpdir(), 'clapper-parts-'));
const runs: string[] = [];
afterAll(async () => {
  for (const made of [folder, ...runs]) await rm(made, { recursive: true });
});
const labels = ['dog', 'rain', 'church bells'];

async function write(...args: Parameters<typeof writeCheckpoint>): Promise<string> {
  const run = await writeCheckpoint(...args);
  runs.push(run);
  return run;
}

describe.each([
  ['a hidden layer on what it hears', 'audio_embedding', 16, 'audio'],
  ['one layer on the features of what it hears', 'audio_features', null, 'audio'],
  ['a hidden layer on what it sees', 'image_embedding', 16, 'image'],
  ['one layer on the features of what it sees', 'image_features', null, 'image'],
] as const)('a network that only classifies, by %s', (_, input, hidden, sense) => {
  const out = join(folder, input);
  let exported: ExportResult;
  beforeAll(async () => {
    const run = await write(randomClassifier(smallConfig, { input, hidden, labels }));
    exported = await exportBundle({ checkpoint: run, out, version: '1' }); // checks it against the trainer's numbers
  });

  test('is exported without what it lacks, and gives what TensorFlow gave', async () => {
    const { differences, allowed } = exported;
    expect(Object.keys(differences).sort()).toEqual(
      ['classify-things', 'classify-things probabilities', `${sense}_embedding`, `${sense}_features`].sort(),
    );
    expect(differences['classify-things']).toBeLessThan(1e-5);
    expect(allowed['classify-things']).toBe(1e-4);
    const graphs = (await readdir(out)).filter((file) => file.endsWith('.onnx'));
    expect(graphs.sort()).toEqual([`${sense}.onnx`, 'classify-things.onnx'].sort());
  });

  test('says what it cannot do, and what it can', async () => {
    const bundle = await openBundleFolder(out);
    const nothing = { data: new Float32Array(8), rows: 1, columns: 8 };
    const things = sense === 'audio' ? 'sounds' : 'images';
    const can = `It can classify ${things}, embed ${things}.`;
    const asked: ((matcher: Matcher) => Promise<unknown>)[] = [
      (matcher) =>
        sense === 'audio' ? matcher.embedImage(new Uint8Array(3)) : matcher.embedAudio(new Float32Array(1)),
      (matcher) => matcher.scoreRows(nothing, nothing),
    ];
    for (const ask of asked) {
      await expect(ask(createMatcher(bundle))).rejects.toMatchObject({
        name: 'InputError',
        kind: 'not_found',
        message: expect.stringMatching(new RegExp(`^The model "${input}" cannot .*${can}$`)),
      });
    }
    await bundle.release();
  });
});

test('the card of a model that classifies sounds speaks of sounds alone, with the intervals of what was measured', async () => {
  const metrics = {
    items: 400,
    accuracy: 0.86,
    accuracyLow: 0.8227,
    accuracyHigh: 0.8906,
    macroF1: 0.85,
    rocAuc: 0.99,
  };
  const run = await write(randomClassifier(smallConfig, { input: 'audio_embedding', hidden: 16, labels }), {
    preset: 'strong',
    dataset: { name: 'esc50', description: 'Environmental sounds', licence: 'CC BY-NC 3.0', testFold: 1 },
    config: { model: smallConfig, task: 'classify', from: 'random', data: { folder: '/home/someone/esc50' } },
    metrics,
  });
  const out = join(folder, 'card');
  await exportBundle({ checkpoint: run, out, version: '1' });
  const card = await readFile(join(out, 'MODEL_CARD.md'), 'utf8');
  expect(card).toContain('Says what is heard: one of 3 classes. Learnt from labelled sounds: Environmental sounds.');
  expect(card).toContain('curl -F audio=@sound.wav -F topK=3 http://127.0.0.1:3000/v1/classify/audio');
  expect(card).toContain(
    '7 steps from random weights, seed 0, code at commit abc1234. Fold 1 was held out for the test.',
  );
  expect(card).toContain('npx clapper train --preset strong --data DIR --out runs/card');
  expect(card).toContain('| on fold 1, held out | | |');
  expect(card).toContain(
    '| accuracy | 0.86 | share of sounds that the classifier `things` names right; guessing gives 0.3333 (95 % interval 0.8227–0.8906) |',
  );
  expect(card).toContain('| items | 400 | sounds that training never saw |');
  expect(card).not.toMatch(/image|picture|pixel|pairs|belong|match/i);
  const { training } = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
  expect(training.config.data.folder, 'where it lay on the machine that trained is nobody’s business').toBe('esc50');
});

test('the card of a matching model whose branches were taken from runs says so', async () => {
  const config = { model: smallConfig, task: 'correspondence', branches: { audio: 'runs/sound', image: null } };
  const run = await write(randomNetwork(smallConfig), { config });
  const out = join(folder, 'taken');
  await exportBundle({ checkpoint: run, out, version: '1' });
  const card = await readFile(join(out, 'MODEL_CARD.md'), 'utf8');
  expect(card).toContain("7 steps from another checkpoint's weights (branches.audio), seed 0");
  expect(card).toContain('npx clapper train --preset digits --set branches.audio=CHECKPOINT --out runs/taken');
});

test('the card of a matching model with a classifier fitted later says what the classifier learnt from', async () => {
  const run = await write(randomNetwork(smallConfig), {
    dataset: { name: 'esc50', description: 'Environmental sounds', licence: 'CC BY-NC 3.0', testFold: null },
    config: { model: smallConfig, task: 'classify', classifier: 'svm', from: 'runs/matching' },
    metrics: { items: 400, accuracy: 0.7 },
  });
  const out = join(folder, 'later');
  await exportBundle({ checkpoint: run, out, version: '1' });
  const card = await readFile(join(out, 'MODEL_CARD.md'), 'utf8');
  expect(card).toContain(
    'Says whether a sound and an image belong together, and what is seen: one of 10 classes. ' +
      'The classifier learnt from labelled images: Environmental sounds.',
  );
  expect(card).toContain("A linear SVM for each class, on features of another checkpoint's weights");
  expect(card).toContain('| accuracy | 0.7 | share of images that the classifier `handwritten-digit` names right;');
});

test('a classifier whose encoder is not among the parts is not exported', async () => {
  const run = await write(randomNetwork(smallConfig), { parts: ['image'] });
  await expect(exportBundle({ checkpoint: run, out: join(folder, 'no'), version: '1' })).rejects.toThrow(
    /hold audio\/, which classify-spoken-digit\/ reads/,
  );
});
