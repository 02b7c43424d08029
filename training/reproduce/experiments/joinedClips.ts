import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeAtomically } from '#node/atomic.ts';
import type { Tools } from '../tools.ts';

const sets = ['av_clips', 'av_clips2'];

/** The two sets of real clips as one collection: their tables one after the other, their tars beside each other. */
export async function joinedClips(tools: Tools): Promise<string> {
  const folder = join(tools.work, 'collections', 'real_clips');
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
    const rows = texts.map((text) => text.slice(text.indexOf('\n') + 1).replace(/\n*$/, '\n'));
    await writeAtomically(join(folder, table), `${header}\n${rows.join('')}`);
  }
  return folder;
}
