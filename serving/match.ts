import type { Match } from '#core/bundle/matcher.ts';
import { InputError } from '#core/errors.ts';
import { askBundle, readInput } from './askBundle.ts';
import { createClient } from './client.ts';
import type { Item, Noted } from './engine/protocol.ts';

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
      const { message, code } = (cause.cause ?? cause) as NodeJS.ErrnoException;
      throw new InputError(
        `Expected a Clapper server at ${server} but it cannot be asked: ${message || code}.`,
        'not_found',
        { cause },
      );
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

/** One question asked of a bundle, without a server. */
export async function match({ bundle: folder, audio, image, hopSeconds, threads }: MatchOptions): Promise<Matched> {
  const items: Item[] = [
    { kind: 'image', name: 'image', from: { file: await readInput(image) } },
    { kind: 'audio', name: 'audio', hopSeconds, from: { file: await readInput(audio) } },
  ];
  const question = { ability: 'match', items, judgement: 'score', threads } as const;
  const { bundle, scores, notes } = await askBundle(folder, question);
  const [[answer]] = scores as [[Match]];
  return { bundle, ...answer, notes };
}
