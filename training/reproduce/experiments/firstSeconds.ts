import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readWaveform, soundFile } from '#core/datasets/clipFiles.ts';
import { encodeWav } from '#core/media/encodeWav.ts';
import { Random } from '#core/random.ts';
import { writeAtomically } from '#node/atomic.ts';
import { openShards } from '#node/datasets/shards.ts';
import { openLabelledDataset } from '../../classify/examples.ts';
import type { Tools } from '../tools.ts';
import { esc50 } from './datasets.ts';

/**
 * ESC-50 as the report took it: the first second of each sound, four fifths of them drawn by chance to learn from. Sounds of one recording
 * may be on both sides, which the official folds see to. Fold 1 is the fifth that tests.
 */
export async function firstSeconds(tools: Tools): Promise<string> {
  const collection = join(tools.work, 'collections', 'esc50_first_seconds');
  const table = join(collection, 'meta', 'esc50.csv');
  if (!existsSync(table)) await writeCollection(tools, { collection, table });
  const rate = ['--sample-rate', '44100', '--name', 'esc50-first-seconds'];
  return tools.dataset('esc50_first_seconds', ['esc50', '--from', collection, ...rate]);
}

async function writeCollection(tools: Tools, { collection, table }: { collection: string; table: string }) {
  const folder = await esc50(tools);
  const { info, shards, labels, train, test } = await openLabelledDataset({
    ...{ folder, testFold: 1, validationFold: null, sense: 'audio' },
  });
  const all = [...train, ...test].sort((a, b) => (a.line.clip.key < b.line.clip.key ? -1 : 1));
  const files = openShards(shards);
  const samples = info.sampleRate;
  const isTest = new Random(0, 50).shuffle(all.map((_, i) => i < all.length / 5));
  await mkdir(join(collection, 'audio'), { recursive: true });
  await mkdir(join(collection, 'meta'), { recursive: true });
  const rows: string[] = [];
  for (const [i, { line, category }] of all.entries()) {
    const waveform = readWaveform(files, soundFile(line), { startSample: 0, samples });
    if (waveform.every((sample) => sample === 0)) continue; // its sound begins later
    const filename = `${line.clip.key}.wav`;
    await writeFile(join(collection, 'audio', filename), encodeWav(waveform, info.sampleRate));
    rows.push(`${filename},${isTest[i] ? 1 : 2},${category},${labels[category]}\n`);
  }
  await writeAtomically(table, `filename,fold,target,category\n${rows.join('')}`);
}
