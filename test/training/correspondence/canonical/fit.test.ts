import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveConfig } from '../../../../training/config.ts';
import { correlationsOf } from '../../../../training/correspondence/canonical/fit.ts';
import type { CorrespondenceConfig } from '../../../../training/correspondence/config.ts';
import { createNetwork, type Network } from '../../../../training/model/network.ts';
import { modelConfigOf } from '../../../../training/model/options.ts';
import { findPreset } from '../../../../training/presets/index.ts';
import { tf } from '../../../../training/tensorflow/load.ts';
import { picture, put, tone } from '../../../prepare/support/media.ts';
import { prepare } from '../../../prepare/support/prepare.ts';
import { preparedSettings, preparePairs } from '../../support/preparedPairs.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-canonical-fit-'));
const [several, apart] = ['several', 'apart'].map((name) => join(folder, name)) as [string, string];
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  await preparePairs(several, { clips: 20 });
  // Each category has both, but of one of them what trains is heard alone, of the other seen alone.
  for (const [side, kind] of [
    ['sounds', 'dog'],
    ['sounds', 'cat'],
    ['photos', 'dog'],
    ['photos', 'cat'],
  ] as const) {
    const split = (side === 'sounds') === (kind === 'dog') ? 'train' : 'test';
    const file = join(folder, side, split, kind, 'one');
    if (side === 'sounds') put(`${file}.wav`, tone({ hz: 500, seconds: 1, sampleRate: 8000, loudness: 0.3 }));
    else put(`${file}.jpg`, await picture('blue', { width: 40, height: 30 }));
  }
  const from = [join(folder, 'sounds'), join(folder, 'photos')];
  await prepare({ kind: 'by-class', from, out: apart, settings: { sampleRate: 8000, shortSide: 32 } });
});

const asItIs = (network: Network) => network;

function correlations(data: string, changes: string[] = [], change = asItIs) {
  const own = ['network.channels=[4,8]', 'headUnits=4', 'matchHead=canonical'];
  const settings = [...preparedSettings(data), ...own, ...changes];
  const config = resolveConfig(findPreset('small', undefined), settings) as CorrespondenceConfig;
  return correlationsOf(change(createNetwork(modelConfigOf(config.network), 0)), config, { write: () => {} });
}

test('of clips that differ, projections are finite numbers', async () => {
  const { audio, image } = await correlations(several, [`canonical.also=${several}`]);
  const numbers = [audio, image].flatMap(({ kernel, bias }) => [...kernel.flat(), ...bias]);
  expect(numbers.every(Number.isFinite)).toBe(true);
});

test('a second dataset at another rate than the network’s is refused, as the first is', async () => {
  const other = join(folder, 'other rate');
  await preparePairs(other, { clips: 20, sampleRate: 16_000 });
  const asked = correlations(several, [`canonical.also=${other}`]);
  await expect(asked).rejects.toThrow(/8000 Hz but .*other rate is at 16000 Hz/);
});

test('where a branch tells no picture from another, that is said: there is nothing to correlate', async () => {
  const blind = (network: Network) => {
    for (const { name, weights } of network.image.layers)
      if (name.includes('conv')) for (const weight of weights) weight.write(tf.zeros(weight.shape as number[]));
    return network;
  };
  await expect(correlations(several, [], blind)).rejects.toThrow(/but to the branches one side is all alike\.$/);
});

test('sounds without pictures of their kind are refused: nothing goes together there', async () => {
  await expect(correlations(apart)).rejects.toThrow(/differ, to correlate them, but there are none\.$/);
});
