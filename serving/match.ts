import { readFile } from 'node:fs/promises';
import { expectAble } from '#core/bundle/abilities.ts';
import type { Match } from '#core/bundle/matcher.ts';
import { InputError } from '#core/errors.ts';
import { createClient } from './client.ts';
import { defaultLimits } from './engine/limits.ts';
import { loadBundle } from './engine/loadBundle.ts';
import { performAll } from './engine/perform.ts';
import type { Item, MediaResult, MediaTask, Noted, Rows } from './engine/protocol.ts';
import { notesOf } from './engine/run.ts';

export interface Matched extends Match, Noted {
  bundle: string;
}

export interface AskServerOptions {
  /** A Clapper server's address. */
  server: string;
  /** Files. */
  audio: string;
  image: string;
  hopSeconds?: number | undefined;
  apiKey?: string | undefined;
}

/** The same question asked of a server. */
export async function matchByServer({ server, audio, image, hopSeconds, apiKey }: AskServerOptions): Promise<Matched> {
  const files = { audio: await readInput(audio), image: await readInput(image) };
  const { model, score, windows, notes } = await createClient(server, { apiKey })
    .correspondence({ ...files, hopSeconds })
    .catch((cause) => {
      if (!(cause instanceof TypeError)) throw cause;
      throw new InputError(`Expected a Clapper server at ${server} but nothing answers there.`, 'not_found', { cause });
    });
  return { bundle: model, score, windows, notes };
}

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
export async function match({ bundle: folder, audio, image, hopSeconds, threads }: MatchOptions): Promise<Matched> {
  const loaded = await loadBundle({ folder, variant: 'fp32' }, { threads, limits: defaultLimits, provider: 'cpu' });
  const { manifest } = loaded.bundle;
  try {
    expectAble(manifest, 'match');
    const items: Item[] = [
      { kind: 'image', name: 'image', from: { file: await readInput(image) } },
      { kind: 'audio', name: 'audio', hopSeconds, from: { file: await readInput(audio) } },
    ];
    const task: MediaTask = {
      task: 'media',
      bundle: folder,
      items,
      judgement: 'score',
      features: false,
      keepsRows: false,
      budgetMs: Number.POSITIVE_INFINITY,
    };
    const [result] = await performAll([task], new Map([[folder, loaded]]));
    if (result instanceof Error) throw result;
    const { scores, items: rows } = result as MediaResult;
    const [[answer]] = scores as [[Match]];
    return { bundle: manifest.name, ...answer, notes: notesOf(items, rows as Rows[]) };
  } finally {
    await loaded.bundle.release();
  }
}

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
