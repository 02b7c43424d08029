import { readFile } from 'node:fs/promises';
import { type Ability, expectAble } from '#core/bundle/abilities.ts';
import { InputError } from '#core/errors.ts';
import { defaultLimits } from './engine/limits.ts';
import { loadBundle } from './engine/loadBundle.ts';
import { performAll } from './engine/perform.ts';
import type { Item, MediaResult, MediaTask, Rows } from './engine/protocol.ts';

export interface BundleQuestion {
  ability: Ability;
  items: readonly Item[];
  judgement: MediaTask['judgement'];
  /** That each graph runs on. */
  threads: number;
}

export interface BundleAnswer extends Pick<MediaResult, 'scores'> {
  /** Its name. */
  bundle: string;
  /** A row or more of each item. */
  rows: Rows[];
  notes: string[];
}

/**
 * One question asked of a bundle's folder in this process: what a server's worker does.
 *
 * @throws {InputError} for a bundle that is refused or cannot do this, and for files that cannot be used.
 */
export async function askBundle(
  folder: string,
  { ability, items, judgement, threads }: BundleQuestion,
): Promise<BundleAnswer> {
  const loaded = await loadBundle({ folder, variant: 'fp32' }, { threads, limits: defaultLimits, provider: 'cpu' });
  const { manifest } = loaded.bundle;
  try {
    expectAble(manifest, ability);
    const task: MediaTask = {
      task: 'media',
      bundle: folder,
      items: [...items],
      judgement,
      features: false,
      keepsRows: judgement === 'nothing',
      budgetMs: Number.POSITIVE_INFINITY,
    };
    const [result] = await performAll([task], new Map([[folder, loaded]]));
    if (result instanceof Error) throw result;
    const { scores, items: rows, notes } = result as MediaResult & { items: Rows[] };
    return { bundle: manifest.name, scores, rows, notes };
  } finally {
    await loaded.bundle.release();
  }
}

/** @throws {InputError} for a file that is not there or may not be read. */
export async function readInput(path: string): Promise<Uint8Array> {
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
