import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { exportBundle } from '../../export/export.ts';
import { measureKnown } from '../../export/known/measureKnown.ts';
import { put, tone } from '../prepare/support/media.ts';
import { prepare } from '../prepare/support/prepare.ts';
import { randomClassifier, smallConfig, writeCheckpoint } from './support/checkpoint.ts';

let folder: string;
let data: string;
const categories = ['cat', 'cow', 'dog'];

/** Sounds and pictures, joined by category. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clapper-known-'));
  data = join(folder, 'data');
  const random = new Random(1);
  for (let i = 0; i < 48; i++) {
    const category = categories[i % 3] as string;
    const grain = Uint8Array.from({ length: 4 * 3 * 3 }, () => random.integer(256));
    const mosaic = sharp(grain, { raw: { width: 4, height: 3, channels: 3 } }).resize(40, 30, { kernel: 'nearest' });
    put(join(folder, 'pictures', category, `${i}.png`), await mosaic.png().toBuffer());
    const sound = tone({ hz: 200 + 40 * i, seconds: 1.2, sampleRate: 8000, rhythm: i });
    put(join(folder, 'sounds', category, `${i}.wav`), sound);
  }
  const settings = { heldOut: 0.2, shortSide: 32 };
  await prepare({ kind: 'by-class', from: [join(folder, 'sounds'), join(folder, 'pictures')], out: data, settings });
});
afterAll(() => rm(folder, { recursive: true }));

test.each(['audio', 'image'] as const)(
  'what classifies by its %s alone knows where that lies, though its dataset has pairs',
  async (sense) => {
    const network = randomClassifier(smallConfig, { input: `${sense}_embedding`, hidden: 8, labels: categories });
    const out = join(folder, sense);
    const run = await writeCheckpoint(network, {
      dataset: { name: 'things', description: 'Things', licence: 'none', testFold: null },
    });
    await exportBundle({ checkpoint: run, out, version: '1' });
    await rm(run, { recursive: true });
    const bundle = await openBundleFolder(out);
    const { known, matching } = await measureKnown(bundle, { dataset: data, progress: { write: () => {} } });
    await bundle.release();
    expect(Object.keys(known ?? {})).toEqual([sense]);
    expect(known?.[sense]?.items).toBeGreaterThan(2);
    expect(matching).toEqual(bundle.manifest.matching);
  },
);
