import { join } from 'node:path';
import { pictureFile, readPicture, readWaveform, type Shards, soundFile } from '#core/datasets/clipFiles.ts';
import type { IndexLine, Skipped } from '#core/datasets/prepared.ts';
import { openShards } from '#node/datasets/shards.ts';
import type { PlannedSet } from '../plan.ts';
import { readShardNotes, shardFile } from '../shards.ts';
import { keptFirst } from './join.ts';
import { nearPairs } from './near.ts';
import { isSamePicture, isSameSound } from './verify.ts';

/** A clip whose split was drawn, or given, with what may be a copy. */
interface Candidate {
  line: IndexLine;
  isDrawn: boolean;
  sound: Uint8Array | null;
  pictures: { index: number; print: Uint8Array | null }[];
}

export interface Reencoded {
  /** Clips to leave out, by key. */
  leftOut: Map<string, Skipped>;
  notes: string[];
}

/** Euclidean distances that copies keep: of 192 colours some 3 a colour, of 256 loudnesses some 10. */
const radius = { picture: 45, sound: 160 };
/** Of each clip's neighbours, however alike its class is. */
const mostVerified = 16;
/** Of pairs whose splits are the collection's own: what is found is only said. */
const mostOwnVerified = 1000;

/**
 * Finds clips that are others' copies, encoded again, in another split: all that is heard and seen of the one is heard and seen of the other.
 * Where splits were drawn, the copy is left out of training (or of validation); what a collection has so itself is said.
 */
export async function findReencoded(out: string, set: PlannedSet): Promise<Reencoded> {
  const clips = await readCandidates(out, set);
  const shards = openShards([...set.shards.keys()].map((shard) => join(out, shardFile(shard))));
  const read = { shards, sampleRate: set.plan.sampleRate };
  const result: Reencoded = { leftOut: new Map(), notes: [] };
  const own: string[] = [];
  const verified = new Map<number, number>();
  let ownVerified = 0;
  for (const [a, b] of candidatePairs(clips)) {
    const [kept, copy] = [clips[a] as Candidate, clips[b] as Candidate].sort(byClaim) as [Candidate, Candidate];
    if (kept.line.clip.split === copy.line.clip.split || kept.line.clip.source === copy.line.clip.source) continue;
    if (result.leftOut.has(copy.line.clip.key) || result.leftOut.has(kept.line.clip.key)) continue;
    if (!copy.isDrawn && ownVerified++ > mostOwnVerified) continue;
    if (Math.max(verified.get(a) ?? 0, verified.get(b) ?? 0) >= mostVerified) continue;
    for (const i of [a, b]) verified.set(i, (verified.get(i) ?? 0) + 1);
    if (!(await isCopy(kept, copy, read))) continue;
    const { source, split } = kept.line.clip;
    if (copy.isDrawn) {
      const reason = `It is a copy, encoded again, of what is in the ${split} split: ${source}.`;
      result.leftOut.set(copy.line.clip.key, { file: copy.line.clip.source, reason, broken: false });
    } else own.push(`${copy.line.clip.source} (${copy.line.clip.split}) and ${source} (${split})`);
  }
  if (own.length > 0) {
    result.notes.push(
      `The collection has ${own.length} copies, encoded again, in two of its splits, such as ${own.slice(0, 3).join('; ')}.`,
    );
  }
  return result;
}

/** What keeps its place: the collection's own, then by split, then by key. */
function byClaim(a: Candidate, b: Candidate): number {
  const order = ({ line }: Candidate) => keptFirst.indexOf(line.clip.split);
  return Number(a.isDrawn) - Number(b.isDrawn) || order(a) - order(b) || (a.line.clip.key < b.line.clip.key ? -1 : 1);
}

async function readCandidates(out: string, set: PlannedSet): Promise<Candidate[]> {
  const clips: Candidate[] = [];
  const drawn = new Set(set.shards.flat().flatMap(({ item, position }) => (item.split === null ? [position] : [])));
  const decode = (print: string | null) => (print === null ? null : Buffer.from(print, 'base64'));
  for (const shard of set.shards.keys()) {
    const { lines, prints } = await readShardNotes(out, shard);
    for (const [i, line] of lines.entries()) {
      const { sound = null, pictures = [] } = prints[i] ?? {};
      const isDrawn = drawn.has(Number(line.clip.key.split('-')[0]));
      clips.push({
        line,
        isDrawn,
        sound: decode(sound),
        pictures: pictures.map(({ index, print }) => ({ index, print: decode(print) })),
      });
    }
  }
  return clips;
}

/** By the sound where there is one, else by the first picture that is not plain. */
function* candidatePairs(clips: Candidate[]): Generator<[number, number]> {
  const sounds = clips.flatMap(({ sound }, index) => (sound ? [{ print: sound, index }] : []));
  yield* nearPairs(sounds, radius.sound);
  const pictures = clips.flatMap(({ line, pictures }, index) => {
    const print = line.clip.sound ? null : (pictures.find(({ print }) => print)?.print ?? null);
    return print ? [{ print, index }] : [];
  });
  yield* nearPairs(pictures, radius.picture);
}

async function isCopy(
  a: Candidate,
  b: Candidate,
  { shards, sampleRate }: { shards: Shards; sampleRate: number },
): Promise<boolean> {
  if ((a.line.clip.sound === null) !== (b.line.clip.sound === null) || a.pictures.length !== b.pictures.length)
    return false;
  for (const [i, { index, print }] of a.pictures.entries()) {
    const other = b.pictures[i] as Candidate['pictures'][number];
    if (!print || !other.print) return false;
    const jpegs = [pictureFile(a.line, index), pictureFile(b.line, other.index)].map((file) =>
      readPicture(shards, file),
    );
    if (!(await isSamePicture(jpegs[0] as Uint8Array, jpegs[1] as Uint8Array))) return false;
  }
  if (!a.line.clip.sound) return a.pictures.length > 0;
  const [one, other] = [a, b].map(({ line }) => readWaveform(shards, soundFile(line)));
  return isSameSound(one as Float32Array, other as Float32Array, sampleRate);
}
