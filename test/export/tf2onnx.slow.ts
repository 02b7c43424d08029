import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cacheFolder } from '#node/cacheFolder.ts';
import { exportBundle } from '../../export/export.ts';
import type { EngineOptions } from '../../export/tf2onnx/engine.ts';
import { compareAgainst } from '../../export/verify/against.ts';
import { randomNetwork, smallConfig, writeCheckpoint } from './support/checkpoint.ts';

const folder = await mkdtemp(join(tmpdir(), 'clapper-tf2onnx-'));
afterAll(() => rm(folder, { recursive: true }));

/** The first time it installs TensorFlow. */
test('Keras and tf2onnx, an independent route, make a bundle of the same numbers', { timeout: 900_000 }, async () => {
  const run = await writeCheckpoint(randomNetwork(smallConfig));
  const [ours, theirs] = ['ours', 'theirs'].map((name) => join(folder, name)) as [string, string];
  await exportBundle({ checkpoint: run, out: ours, version: '1' });
  const tf2onnx: EngineOptions = { engine: 'venv', cacheFolder: cacheFolder(), output: { write: () => {} } };
  await exportBundle({ checkpoint: run, out: theirs, version: '1', tf2onnx }); // checks it against the trainer's numbers
  for (const { name, differences, operators } of await compareAgainst(ours, theirs)) {
    for (const [output, share] of Object.entries(differences)) expect(share, `${name} ${output}`).toBeLessThan(1e-5);
    expect(Object.keys(operators), name).not.toContain('BatchNormalization'); // folded by both
  }
  await rm(run, { recursive: true });
});
