import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type IndexLine, indexLineSchema, skippedSchema } from '#core/datasets/prepared.ts';
import { parseJson } from '#core/json.ts';
import { makeAtomically, writeAtomically } from '#node/atomic.ts';
import type { PlannedItem } from './plan.ts';
import { createTar, type TarWriter } from './tarWriter.ts';
import type { EncodedClip, Prepared } from './workers/protocol.ts';

/** `shards/NUMBER.json`: what stands in a finished shard, until all are there and the index takes it over. */
const shardNotesSchema = z.strictObject({
  bytes: z.number().int(),
  sha256: z.string(),
  lines: z.array(indexLineSchema),
  /** Of each line's clip. */
  prints: z.array(
    z.strictObject({
      sound: z.string().nullable(),
      pictures: z.array(z.strictObject({ index: z.number().int(), print: z.string().nullable() })),
    }),
  ),
  skipped: z.array(skippedSchema),
});
export type ShardNotes = z.infer<typeof shardNotesSchema>;

export function shardFile(shard: number): string {
  return `shards/${String(shard).padStart(6, '0')}.tar`;
}

function notesFile(out: string, shard: number): string {
  return join(out, shardFile(shard).replace('.tar', '.json'));
}

export function isShardFinished(out: string, shard: number): boolean {
  return existsSync(notesFile(out, shard));
}

export async function readShardNotes(out: string, shard: number): Promise<ShardNotes> {
  const file = notesFile(out, shard);
  return parseJson(shardNotesSchema, await readFile(file, 'utf8'), file);
}

export async function removeShardNotes(out: string, shard: number): Promise<void> {
  await rm(notesFile(out, shard), { force: true });
}

export interface ShardWork {
  shard: number;
  items: PlannedItem[];
  /** What comes of the items, one after the other. */
  nextPrepared: () => Promise<Prepared>;
}

/** Writes one shard under another name; its own name and, last, its notes say that it is whole. */
export async function writeShard(out: string, { shard, items, nextPrepared }: ShardWork): Promise<void> {
  const notes = await makeAtomically(join(out, shardFile(shard)), async (unfinished): Promise<ShardNotes> => {
    const tar = await createTar(unfinished);
    const lines: IndexLine[] = [];
    const prints: ShardNotes['prints'] = [];
    const skipped: ShardNotes['skipped'] = [];
    try {
      for (const item of items) {
        const { clips, skipped: ownSkipped } = await nextPrepared();
        skipped.push(...ownSkipped);
        for (const [number, clip] of clips.entries()) {
          lines.push(await addClip(tar, { shard, item, number, clip }));
          prints.push(clip.prints);
        }
      }
      return { ...(await tar.end()), lines, prints, skipped };
    } catch (error) {
      await tar.abandon();
      throw error;
    }
  });
  await writeAtomically(notesFile(out, shard), JSON.stringify(notes));
}

interface AddedClip {
  shard: number;
  item: PlannedItem;
  number: number;
  clip: EncodedClip;
}

async function addClip(tar: TarWriter, { shard, item: planned, number, clip: encoded }: AddedClip): Promise<IndexLine> {
  const { item, split, position } = planned;
  const key = `${String(position).padStart(8, '0')}-${String(number).padStart(3, '0')}`;
  const { sound, pictures } = encoded;
  const clip: IndexLine['clip'] = {
    key,
    source: item.source,
    split,
    fold: item.fold,
    categories: item.categories,
    sound: sound && { seconds: sound.seconds, startSeconds: sound.startSeconds },
    pictures: pictures.map(({ width, height, timeSeconds }) => ({ width, height, timeSeconds })),
  };
  const line: IndexLine = { shard, clip, sound: sound && (await tar.add(`${key}.wav`, sound.wav)), pictures: [] };
  for (const [i, { jpeg }] of pictures.entries()) line.pictures.push(await tar.add(`${key}.${i}.jpg`, jpeg));
  await tar.add(`${key}.json`, Buffer.from(JSON.stringify(clip)));
  return line;
}
