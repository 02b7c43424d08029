import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeAtomically } from '#node/atomic.ts';
import type { Tools } from '../tools.ts';

const sets = ['av_clips', 'av_clips2'];

/** The two sets of real clips as one collection: their tables one after the other, their tars beside each other. */
export async function joinedClips(
  tools: Tools,
  { framesPerClip = Number.POSITIVE_INFINITY }: { framesPerClip?: number | undefined },
): Promise<string> {
  const isWhole = framesPerClip === Number.POSITIVE_INFINITY;
  const folder = join(tools.work, 'collections', isWhole ? 'real_clips' : `real_clips_${framesPerClip}`);
  await mkdir(folder, { recursive: true });
  for (const set of sets) {
    for (const tar of ['audio.tar', 'frames.tar']) {
      const link = join(folder, `${set}-${tar}`);
      await rm(link, { force: true });
      await symlink(resolve(tools.collection(set), tar), link);
    }
  }
  for (const table of ['clips.csv', 'frames.csv']) {
    const texts = await Promise.all(sets.map((set) => readFile(join(tools.collection(set), table), 'utf8')));
    const [header] = (texts[0] as string).split('\n', 1);
    const rows = texts.flatMap((text) => text.trim().split('\n').slice(1));
    const kept = table === 'frames.csv' ? middleFrames(rows, framesPerClip) : rows;
    await writeAtomically(join(folder, table), `${[header, ...kept].join('\n')}\n`);
  }
  return folder;
}

/** @param rows `file,clip_id,…` in the order of time. */
function middleFrames(rows: string[], count: number): string[] {
  const clips = new Map<string, string[]>();
  for (const row of rows) {
    const clip = row.split(',')[1] as string;
    clips.set(clip, [...(clips.get(clip) ?? []), row]);
  }
  return [...clips.values()].flatMap((own) => {
    const first = Math.max(0, Math.floor((own.length - count) / 2));
    return own.slice(first, first + count);
  });
}
