import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSyntheticDataset } from '../../../bench/data/syntheticDataset.ts';
import { resolveConfig } from '../../../training/config.ts';
import type { CorrespondenceConfig, PreparedPairsData } from '../../../training/correspondence/config.ts';
import { preparedPairs } from '../../../training/correspondence/prepared.ts';
import { modelConfigOf } from '../../../training/model/options.ts';
import { findPreset } from '../../../training/presets/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-warmup-'));
beforeAll(() => {
  const size = { picturesPerClip: 2, secondsPerClip: 4, sampleRate: 8000, shortSide: 32, clipsPerShard: 20 };
  return writeSyntheticDataset(folder, { clips: 20, ...size, seed: 0 });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The first batch with a mismatched pair of one clip: its moments stand one after the other. */
async function firstHardBatch(batchesPerStep: number): Promise<number> {
  const settings = [
    `data.folder=${folder}`,
    'sampleRate=8000',
    'seconds=1',
    'windowLength=256',
    'hopLength=256',
    'nFft=256',
  ];
  const changes = [
    'momentsPerClip=2',
    'hardNegatives.share=0.5',
    'hardNegatives.warmupSteps=2',
    'maxHz=4000',
    'pictureSize=32',
    'pictureShortSide=32',
    'audioGrid=[1,1]',
    'imageGrid=[1,1]',
  ];
  const config = resolveConfig(findPreset('small', undefined), [...settings, ...changes]) as CorrespondenceConfig;
  const source = await preparedPairs(config.data as PreparedPairsData, {
    model: modelConfigOf(config.network),
    rows: 8,
    batchesPerStep,
    matchesPerClip: 1,
    seed: 0,
  });
  const batches = source.startBatches(0);
  try {
    for (let number = 0; number < 12; number++) {
      const { pairs } = await batches.next();
      const isHard = (sound: number, i: number) =>
        pairs.corresponds[i] === 0 && sound >> 1 === (pairs.imageRows[i] as number) >> 1;
      if (pairs.audioRows.some(isHard)) return number;
    }
    return Number.POSITIVE_INFINITY;
  } finally {
    await batches.close();
  }
}

test('hard negatives begin after as many steps as asked, however many batches a step takes', async () => {
  expect(await firstHardBatch(1)).toBe(2);
  expect(await firstHardBatch(4)).toBe(8); // a batch in four parts
  expect(await firstHardBatch(1 / 2)).toBe(1); // each batch shown twice
});
