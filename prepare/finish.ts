import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clip, PreparedDataset, Skipped, Split } from '#core/datasets/prepared.ts';
import { makeAtomically, writeAtomically } from '#node/atomic.ts';
import { type BadFileCount, startBadFileCount } from './badFiles.ts';
import { findReencoded } from './copies/reencoded.ts';
import { drawFixedPairs, mostClips } from './fixedPairs.ts';
import { checkNegatives } from './negatives.ts';
import { noNegatives, type PlannedSet } from './plan.ts';
import { readShardNotes, removeShardNotes, shardFile } from './shards.ts';

/**
 * Writes what describes the whole set, once all its shards are there; `dataset.json` last. Two processes may do it at once, for they
 * write the same bytes.
 *
 * @throws {InputError} where too much is broken, or no mismatched pair can be drawn from what could be used.
 */
export async function finishDataset(out: string, set: PlannedSet, { maxBad }: { maxBad: number }): Promise<void> {
  try {
    await describe(out, set, startBadFileCount({ files: set.plan.files, maxBad }));
  } catch (error) {
    // Another process has finished it meanwhile and removed the notes.
    if (!existsSync(join(out, 'dataset.json'))) throw error;
  }
}

/** The shards' notes stand in the index now. */
export async function removeNotes(out: string, { shards }: PlannedSet): Promise<void> {
  for (const shard of shards.keys()) await removeShardNotes(out, shard);
}

async function describe(out: string, set: PlannedSet, bad: BadFileCount): Promise<void> {
  const { plan, shards, categories, skipped: listed } = set;
  const { name, kind, description, licence, pairing, sampleRate, shortSide, heldOut, seed } = plan;
  const splits = { train: startSplit('train'), validation: startSplit('validation'), test: startSplit('test') };
  const training = checkNegatives(pairing, 'train');
  const { leftOut, notes } = await findReencoded(out, set);
  const skipped: Skipped[] = [...listed, ...leftOut.values()];
  const written: PreparedDataset['shards'] = [];
  await writeLines(join(out, 'index.jsonl'), async (write) => {
    for (const shard of shards.keys()) {
      const { bytes, sha256, lines: all, skipped: ownSkipped } = await readShardNotes(out, shard);
      const lines = all.filter(({ clip }) => !leftOut.has(clip.key));
      for (const line of lines) {
        await write(line);
        countClip(splits[line.clip.split], line.clip);
        if (line.clip.split === 'train') training.add(asSides(line.clip));
      }
      skipped.push(...ownSkipped);
      written.push({ file: shardFile(shard), bytes, sha256, clips: lines.length });
    }
  });
  bad.add(skipped);
  const problem = training.problem();
  if (problem) throw noNegatives(problem, heldOut);
  for (const split of ['validation', 'test'] as const) {
    const pairs = pairing === 'none' ? [] : drawFixedPairs(splits[split].clips, { pairing, sampleRate, seed });
    splits[split].counts.pairs = pairs.length;
    await writeLines(join(out, `pairs-${split}.jsonl`), async (write) => {
      for (const pair of pairs) await write(pair);
    });
  }
  await writeLines(join(out, 'skipped.jsonl'), async (write) => {
    for (const entry of skipped) await write(entry);
  });
  const dataset: PreparedDataset = {
    schema: 'clapper-dataset/1',
    name,
    kind,
    description,
    licence,
    pairing,
    sampleRate,
    shortSide,
    categories,
    counts: {
      train: inMilliseconds(splits.train.counts),
      validation: inMilliseconds(splits.validation.counts),
      test: inMilliseconds(splits.test.counts),
    },
    skipped: skipped.length,
    notes: [...set.notes, ...notes],
    shards: written,
  };
  await writeAtomically(join(out, 'dataset.json'), `${JSON.stringify(dataset, null, 2)}\n`);
}

interface SplitSoFar {
  counts: PreparedDataset['counts'][Split];
  /** From which the fixed pairs are drawn: of training none, of the others as many as are needed. */
  clips: Clip[];
  room: { sounds: number; pictures: number };
}

function startSplit(split: Split): SplitSoFar {
  const room = split === 'train' ? 0 : mostClips;
  return {
    counts: { clips: 0, sounds: 0, pictures: 0, seconds: 0, pairs: 0 },
    clips: [],
    room: { sounds: room, pictures: room },
  };
}

function countClip({ counts, clips, room }: SplitSoFar, clip: Clip): void {
  counts.clips++;
  counts.pictures += clip.pictures.length;
  if (clip.sound) counts.sounds++;
  counts.seconds += clip.sound?.seconds ?? 0;
  if ((clip.sound && room.sounds > 0) || (clip.pictures.length > 0 && room.pictures > 0)) clips.push(clip);
  if (clip.sound) room.sounds--;
  if (clip.pictures.length > 0) room.pictures--;
}

function inMilliseconds(counts: SplitSoFar['counts']): SplitSoFar['counts'] {
  return { ...counts, seconds: Math.round(1000 * counts.seconds) / 1000 };
}

function asSides({ source, categories, sound, pictures }: Clip) {
  return { source, categories, hasSound: sound !== null, hasPicture: pictures.length > 0 };
}

/** JSON lines. */
async function writeLines(
  path: string,
  fill: (write: (value: object) => Promise<void>) => Promise<void>,
): Promise<void> {
  await makeAtomically(path, async (unfinished) => {
    const file = await open(unfinished, 'w');
    let lines = '';
    const flush = async () => {
      await file.appendFile(lines);
      lines = '';
    };
    try {
      await fill(async (value) => {
        lines += `${JSON.stringify(value)}\n`;
        if (lines.length > 2 ** 20) await flush();
      });
      await flush();
      await file.sync();
    } finally {
      await file.close();
    }
  });
}
