import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { openPreparedSplit } from '#node/datasets/preparedSplit.ts';
import { branchesOf, encodeClips } from '../../../../training/correspondence/canonical/encodeClips.ts';
import { tf } from '../../../../training/tensorflow/load.ts';
import { randomNetwork, smallConfig } from '../../../export/support/checkpoint.ts';
import { picture, put, tone } from '../../../prepare/support/media.ts';
import { prepare } from '../../../prepare/support/prepare.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-encode-clips-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Gives a picture's mean colour. */
function meanColour(): tf.LayersModel {
  const pixels = tf.input({ shape: [28, 28, 3] });
  const mean = () => tf.layers.globalAveragePooling2d({}).apply(pixels) as tf.SymbolicTensor;
  return tf.model({ inputs: pixels, outputs: [mean(), mean()] });
}

test('several parts of a picture of one colour give what its middle gives; of one with a black edge less light, and always the same', async () => {
  const plain = await picture('hsl(40, 90%, 50%)', { width: 64, height: 32 });
  const black = await picture('black', { width: 16, height: 32 });
  const edged = await sharp(plain)
    .composite([{ input: black, left: 0, top: 0 }])
    .jpeg()
    .toBuffer();
  for (const [name, bytes, hz] of [
    ['plain', plain, 440],
    ['edged', edged, 700],
  ] as const) {
    put(join(folder, 'clips', `${name}.jpg`), bytes);
    put(join(folder, 'clips', `${name}.wav`), tone({ hz, seconds: 2, sampleRate: 8000, loudness: 0.3 }));
  }
  const out = join(folder, 'data');
  const settings = { shortSide: 32, heldOut: 0 };
  await prepare({ kind: 'flickr-soundnet', from: [join(folder, 'clips')], out, settings });
  const image = { ...smallConfig.image, shortSide: 32 };
  const network = { ...randomNetwork({ ...smallConfig, image }), image: meanColour() };
  const { shards, lines } = await openPreparedSplit(out, 'train');
  const rows = async (views: number) => {
    const loading = { shards, workers: 1, ahead: 1, output: { write: () => {} } };
    const clips = await encodeClips(branchesOf(network), lines, { ...loading, views });
    const row = (name: string) => [...(clips.find(({ clip }) => clip.source === name)?.pictures[0]?.row ?? [])];
    return { plain: row('plain'), edged: row('edged') };
  };
  const [middle, several, again] = [await rows(1), await rows(8), await rows(8)];
  const red = ([value]: number[]) => value as number; // in [-1, 1]
  expect(red(middle.edged)).toBeCloseTo(red(middle.plain), 1);
  expect(red(several.plain)).toBeCloseTo(red(middle.plain), 2);
  expect(red(several.edged)).toBeLessThan(red(middle.edged) - 0.05);
  expect(again).toEqual(several);
});
