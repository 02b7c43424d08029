import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { cacheFolder } from '#node/cacheFolder.ts';
import { exportBundle } from '../../export/export.ts';
import { exportModel } from '../../export/exportModel.ts';
import { convertModel } from '../../export/tf2onnx/convertModel.ts';
import type { EngineOptions } from '../../export/tf2onnx/engine.ts';
import { compareAgainst } from '../../export/verify/against.ts';
import { randomNetwork, smallConfig, writeCheckpoint } from './support/checkpoint.ts';

const folder = await mkdtemp(join(tmpdir(), 'clapper-tf2onnx-'));
afterAll(() => rm(folder, { recursive: true }));

const tf2onnx: EngineOptions = { engine: 'venv', cacheFolder: cacheFolder(), output: { write: () => {} } };
const shared = fileURLToPath(new URL('../../../shared/tfjs-models/models', import.meta.url));

/** The first time it installs TensorFlow. */
test('Keras and tf2onnx, an independent route, make a bundle of the same numbers', { timeout: 900_000 }, async () => {
  const run = await writeCheckpoint(randomNetwork(smallConfig));
  const [ours, theirs] = ['ours', 'theirs'].map((name) => join(folder, name)) as [string, string];
  await exportBundle({ checkpoint: run, out: ours, version: '1' });
  await exportBundle({ checkpoint: run, out: theirs, version: '1', tf2onnx }); // checks it against the trainer's numbers
  for (const { name, differences, operators } of await compareAgainst(ours, theirs)) {
    for (const [output, share] of Object.entries(differences)) expect(share, `${name} ${output}`).toBeLessThan(1e-5);
    expect(Object.keys(operators), name).not.toContain('BatchNormalization'); // folded by both
  }
  await rm(run, { recursive: true });
});

test('an environment that cannot be installed leaves nothing in the cache', { timeout: 120_000 }, async () => {
  vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:9/');
  vi.stubEnv('PIP_RETRIES', '0');
  const model = join(folder, 'model.json');
  await writeFile(model, JSON.stringify({ modelTopology: {}, weightsManifest: [] }));
  const options = { ...tf2onnx, cacheFolder: join(folder, 'cache') };
  await expect(convertModel(model, join(folder, 'model.onnx'), options)).rejects.toThrow(/pip failed/);
  vi.unstubAllEnvs();
  expect(await readdir(options.cacheFolder)).toEqual([]);
});

describe.skipIf(!existsSync(shared))('by Keras and tf2onnx too', () => {
  test.each([
    ['cells that Keras numbers as it makes them, in loops that read values around them', 't_stateful_lstm'],
    ['weights that name no cell', 'chatbot_encoder_lstm'],
    ['weights in bytes', 't_quantised_uint8'],
  ])('%s come out as ours do', { timeout: 300_000 }, async (_, name) => {
    const model = join(shared, name, 'model.json');
    const [ours, theirs] = [join(folder, 'ours.onnx'), join(folder, 'theirs.onnx')];
    await exportModel({ model, out: ours, compare: false });
    await convertModel(model, theirs, tf2onnx);
    const [compared] = await compareAgainst(ours, theirs);
    for (const share of Object.values(compared?.differences ?? { none: 1 })) expect(share).toBeLessThan(1e-4);
  });
});
