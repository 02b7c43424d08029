import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { cacheFolder } from '#node/cacheFolder.ts';
import { exportBundle } from '../../export/export.ts';
import { engines } from '../../export/tf2onnx/engine.ts';
import { compareAgainst } from '../../export/verify/against.ts';
import { randomNetwork, smallConfig, writeCheckpoint } from './support/checkpoint.ts';

const run = promisify(execFile);

/**
 * Which engines can get the base image: `CLAPPER_BASE_IMAGE`, or the Containerfile's. What a place asks for beyond that:
 * `CLAPPER_CONTAINER_FLAGS`, `CLAPPER_ISOLATION=chroot`.
 */
const { CLAPPER_BASE_IMAGE: baseImage, CLAPPER_CONTAINER_FLAGS = '', CLAPPER_ISOLATION } = process.env;
const containers = engines.filter((engine) => engine !== 'venv');
const able = await Promise.all(containers.map((engine) => canPull(engine)));

describe.each(containers.map((engine, i) => ({ engine, reason: able[i] })))('$engine', ({ engine, reason }) => {
  test.skipIf(reason)(
    `converts in a container${reason ? ` (skipped: ${reason})` : ''}`,
    { timeout: 1_800_000 },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'clapper-container-'));
      afterAll(() => rm(folder, { recursive: true }));
      const checkpoint = await writeCheckpoint(randomNetwork(smallConfig));
      const [ours, theirs] = [join(folder, 'ours'), join(folder, 'theirs')];
      await exportBundle({ checkpoint, out: ours, version: '1' });
      const tf2onnx = {
        engine,
        baseImage,
        isolation: CLAPPER_ISOLATION === 'chroot' ? ('chroot' as const) : undefined,
        containerFlags: CLAPPER_CONTAINER_FLAGS.split(' ').filter(Boolean),
        cacheFolder: cacheFolder(),
        output: process.stderr,
      };
      await exportBundle({ checkpoint, out: theirs, version: '1', tf2onnx });
      for (const { name, differences } of await compareAgainst(ours, theirs)) {
        expect(Math.max(...Object.values(differences)), name).toBeLessThan(1e-5);
      }
      await rm(checkpoint, { recursive: true });
    },
  );
});

/** @returns why not; undefined: it can. */
async function canPull(engine: (typeof containers)[number]): Promise<string | undefined> {
  const image = baseImage ?? 'docker.io/library/python:3.11-slim';
  try {
    await run(engine, ['--version']);
  } catch {
    return `${engine} is not installed`;
  }
  const local =
    engine === 'docker'
      ? ['image', 'inspect', image]
      : engine === 'podman'
        ? ['image', 'exists', image]
        : ['inspect', '--type', 'image', image];
  const has = await run(engine, local).then(
    () => true,
    () => false,
  );
  const pulled =
    has ||
    (await run(engine, ['pull', image], { timeout: 300_000 }).then(
      () => true,
      () => false,
    ));
  return pulled ? undefined : `${engine} has no base image: set CLAPPER_BASE_IMAGE`;
}
