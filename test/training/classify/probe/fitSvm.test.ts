import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { overWindows } from '#core/metrics.ts';
import { Random } from '#core/random.ts';
import { calibrateClassifier, sharpen } from '../../../../training/classify/calibrate.ts';
import type { SvmConfig } from '../../../../training/classify/config.ts';
import { fitSvmProbe } from '../../../../training/classify/probe/fitSvm.ts';
import { heldOutScores } from '../../../../training/classify/probe/heldOutScores.ts';
import { fitLinearSvm } from '../../../../training/classify/probe/linearSvm.ts';
import { svmClassifiers } from '../../../../training/classify/probe/svmClassifier.ts';
import { standardised, zScoreOf } from '../../../../training/classify/probe/zScore.ts';
import { sharpness } from '../../../../training/classify/temperature.ts';
import { resolveConfig } from '../../../../training/config.ts';
import { stackRows, unstackRows } from '../../../../training/encode.ts';
import { findPreset } from '../../../../training/presets/index.ts';
import { tf } from '../../../../training/tensorflow/load.ts';
import { tinySpectrogram } from '../../support/tinySpectrogram.ts';
import { makeSounds } from '../support/makeSounds.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-svm-'));
let sounds: string;
beforeAll(async () => {
  sounds = await makeSounds(folder, { seconds: 2 });
});
afterAll(() => rmSync(folder, { recursive: true }));

function tiny(...changes: string[]): SvmConfig {
  const settings = [
    `data.folder=${sounds}`,
    'from=random',
    'testFold=1',
    'validationFold=2',
    'frontend=mel',
    ...tinySpectrogram,
    'network.channels=[8,16]',
    'audioGrid=[2,2]',
    'imageGrid=[1,1]',
  ];
  return resolveConfig(findPreset('probe', undefined), [...settings, ...changes]) as SvmConfig;
}

const quiet = { output: { write: () => {} }, signal: new AbortController().signal };

/** Rows of three classes that overlap. */
function draw(count: number, random: Random) {
  const categories = Array.from({ length: count }, (_, i) => i % 3);
  const rows = categories.map((category) =>
    Float32Array.from({ length: 5 }, (_, i) => 3 + random.normal() * (i + 1) + (i === category ? 2 : 0)),
  );
  return { rows, categories };
}

test('the classifier that is saved ranks as the mean scores of the SVMs over a sound’s windows', () => {
  const random = new Random(4);
  const { rows, categories } = draw(60, random);
  const [fitted] = svmClassifiers(rows, { input: 'audio_features', categories, classes: 3, costs: [0.1] });
  const { model } = fitted as NonNullable<typeof fitted>;
  sharpen(model, 3);
  const zScore = zScoreOf(rows);
  const weights = fitLinearSvm(standardised(rows, zScore), { categories, classes: 3, cost: 0.1 });
  const windows = draw(9, random).rows;
  const scores = unstackRows(tf.matMul(standardised(windows, zScore), weights));
  const probabilities = overWindows(unstackRows(model.predict(stackRows(windows)) as tf.Tensor2D));
  const means = [0, 1, 2].map((k) => scores.reduce((sum, row) => sum + (row[k] as number) / scores.length, 0));
  const total = means.reduce((sum, mean) => sum + Math.exp(3 * mean), 0);
  for (const [k, mean] of means.entries()) expect(probabilities[k]).toBeCloseTo(Math.exp(3 * mean) / total, 5);
});

test('the temperature is the one of the least negative log-likelihood, and finite where everything is right', () => {
  const random = new Random(8);
  // Scores whose softmax at a factor of 2.5 is what the classes are drawn from.
  const scores = Array.from({ length: 20_000 }, () => Float32Array.from({ length: 3 }, () => random.normal()));
  const categories = scores.map((row) => {
    const weights = Array.from(row, (score) => Math.exp(2.5 * score));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const place = random.uniform() * total;
    return place < (weights[0] as number) ? 0 : place < (weights[0] as number) + (weights[1] as number) ? 1 : 2;
  });
  expect(Math.abs(sharpness({ scores, categories }) - 2.5)).toBeLessThan(0.1);
  expect(sharpness({ scores: [Float32Array.of(1, -1)], categories: [0] })).toBeLessThanOrEqual(20);
});

test('on a frozen branch, C is chosen by the validation fold and the test fold is judged', async () => {
  const { dataset, trials, finish, contents } = await fitSvmProbe(tiny(), quiet);
  expect(trials.map(({ cost }) => cost)).toEqual([1e-5, 1e-4, 1e-3, 1e-2]);
  expect(finish.metrics).toMatchObject({ items: 12, accuracy: 1 });
  expect(dataset.testFold).toBe(1);
  expect(contents.parts).toEqual(['audio']);
  expect(Object.keys(contents.models)).toEqual(['audio', 'classify-esc50']);
  const [{ input, labels } = {}] = finish.classifiers;
  expect({ input, labels }).toEqual({ input: 'audio_features', labels: ['low', 'middle', 'high'] });
  expect(contents.golden.logits['classify-esc50']?.[0]).toHaveLength(3);
});

test('several costs without a validation split are refused, saying both ways out', async () => {
  await expect(fitSvmProbe(tiny('validationFold=null'), quiet)).rejects.toThrow(/validationFold=2; or .*costs=/);
  const { trials, finish } = await fitSvmProbe(tiny('validationFold=null', 'costs=[0.001]'), quiet);
  expect(trials).toEqual([]);
  expect(finish.metrics.accuracy).toBe(1);
});

test('without a validation split the probabilities are those of examples that were held out', () => {
  const random = new Random(11);
  // What nobody can tell apart, but 120 features can be learnt by heart; two examples of each source.
  const noise = (count: number) =>
    Array.from({ length: count }, () => Float32Array.from({ length: 120 }, () => random.normal()));
  const rows = noise(60);
  const categories = rows.map((_, i) => Math.floor(i / 2) % 3);
  const sources = rows.map((_, i) => `source ${Math.floor(i / 2)}`);
  const windows = { rows, owners: rows.map((_, i) => i) };
  const options = { input: 'audio_features', classes: 3, cost: 1, categories, sources };
  const [fitted] = svmClassifiers(rows, { ...options, costs: [1] });
  const { model } = fitted as NonNullable<typeof fitted>;
  const predict = (given: Float32Array[]) => unstackRows(model.predict(stackRows(given)) as tf.Tensor2D);
  const lossOf = (given: Float32Array[]) =>
    given.reduce((sum, row, i) => sum - Math.log((predict([row])[0] as Float32Array)[i % 3] as number), 0) /
    given.length;

  const scores = heldOutScores(windows, options);
  expect(scores?.scores).toHaveLength(60);
  sharpen(model, sharpness(scores as NonNullable<typeof scores>));
  const fresh = noise(60);
  expect(lossOf(fresh)).toBeLessThan(1.05 * Math.log(3)); // as good as to say that it does not know
  calibrateClassifier(model, predict(rows), categories); // by what it learnt by heart
  expect(lossOf(fresh)).toBeGreaterThan(2);
  expect(heldOutScores(windows, { ...options, sources: sources.map(() => 'one') })).toBeNull();
});

test('a probe that is stopped ends before its examples are all encoded', async () => {
  const stop = new AbortController();
  let text = '';
  const write = (words: string) => {
    text += words;
    if (words.includes('train example')) stop.abort();
  };
  await expect(fitSvmProbe(tiny(), { output: { write }, signal: stop.signal })).rejects.toThrow(/^Stopped\./);
  expect(text).not.toContain('test example');
});
