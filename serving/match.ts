import { readFile } from 'node:fs/promises';
import { expectAble } from '#core/bundle/abilities.ts';
import type { Match } from '#core/bundle/matcher.ts';
import { InputError } from '#core/errors.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { createPerformer } from './tasks.ts';

export interface MatchOptions {
  /** Bundle folder. */
  bundle: string;
  /** Files. */
  audio: string;
  image: string;
  hopSeconds?: number | undefined;
  threads: number;
}

/** One question asked of a bundle, without a server; what a server's worker does. */
export async function match({
  bundle: folder,
  audio,
  image,
  hopSeconds,
  threads,
}: MatchOptions): Promise<{ bundle: string } & Match> {
  const bundle = await openBundleFolder(folder, { threads });
  try {
    expectAble(bundle.manifest, 'match');
    const input = { audio: await readInput(audio), image: await readInput(image), hopSeconds };
    const { answer } = await createPerformer(bundle).perform('correspondence', input);
    return { bundle: bundle.manifest.name, ...answer };
  } finally {
    await bundle.release();
  }
}

async function readInput(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const reasons: Record<string, string> = {
      ENOENT: 'it does not exist',
      EISDIR: 'it is a folder',
      EACCES: 'it may not be read',
    };
    const reason = reasons[cause.code ?? ''];
    if (!reason) throw cause;
    throw new InputError(`Expected a file at ${path} but ${reason}.`, 'not_found', { cause });
  });
}
