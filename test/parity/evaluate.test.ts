import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readDigits } from '#core/datasets/digits.ts';
import { evaluateBundle } from '../../export/evaluate/evaluate.ts';
import { exportBundle } from '../../export/export.ts';
import { readFrom } from '../../export/files.ts';
import { testMetrics } from '../../training/correspondence/digitProbes.ts';
import { randomNetwork, smallConfig, writeCheckpoint } from '../export/support/checkpoint.ts';

const dataset = fileURLToPath(new URL('../../datasets/digits', import.meta.url));

test('a bundle is judged as the network it was exported from, on the same pairs', { timeout: 60_000 }, async () => {
  const network = randomNetwork(smallConfig);
  const run = await writeCheckpoint(network);
  const folder = await mkdtemp(join(tmpdir(), 'clapper-evaluate-'));
  const bundle = join(folder, 'digits');
  await exportBundle({ checkpoint: run, out: bundle, version: '1' });

  const split = await readDigits(readFrom(dataset), 'test');
  const trained = testMetrics(network, network.probes, split);
  const exported = await evaluateBundle({ bundle, dataset, progress: { write: () => {} } });
  expect(exported.pairs).toBe(3000); // datasets/digits/README.md
  expect(exported.pairs).toBe(trained.pairs);
  const oneItem = 1.5 / 3000; // one may lie on the threshold
  expect(Math.abs((exported.accuracy as number) - (trained.accuracy as number))).toBeLessThan(oneItem);
  expect(Math.abs((exported.rocAuc as number) - (trained.rocAuc as number))).toBeLessThan(1e-4);
  const { 'spoken-digit': spoken, 'handwritten-digit': handwritten } = exported.classifiers;
  expect(spoken).toMatchObject({ items: 300, accuracy: trained['spoken-digit-accuracy'] });
  expect(handwritten?.items).toBe(3000);
  expect(Math.abs((handwritten?.accuracy ?? 0) - (trained['handwritten-digit-accuracy'] as number))).toBeLessThan(
    oneItem,
  );

  await rm(run, { recursive: true });
  await rm(folder, { recursive: true });
});
