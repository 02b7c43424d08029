import { rowOf } from '#core/matrix.ts';
import { askBundle, readInput } from './askBundle.ts';
import type { Item, Noted, Rows } from './engine/protocol.ts';

export interface EmbedOptions {
  /** Bundle folder. */
  bundle: string;
  kind: 'audio' | 'image';
  file: string;
  hopSeconds?: number | undefined;
  threads: number;
}

/** What a server's `/v1/embed/…` answers, without a server: of a sound a row a window, of a picture one without a time. */
export interface Embedded extends Noted {
  bundle: string;
  embeddingSize: number;
  rows: { startSeconds: number | null; embedding: number[] }[];
}

export async function embed({ bundle: folder, kind, file, hopSeconds, threads }: EmbedOptions): Promise<Embedded> {
  const item: Item = { kind, name: kind, hopSeconds, from: { file: await readInput(file) } };
  const question = { ability: `embed-${kind}`, items: [item], judgement: 'nothing', threads } as const;
  const { bundle, rows: encoded, notes } = await askBundle(folder, question);
  const [{ embeddings, startSeconds }] = encoded as [Rows];
  const rows = Array.from({ length: embeddings.rows }, (_, i) => ({
    startSeconds: startSeconds[i] ?? null,
    embedding: Array.from(rowOf(embeddings, i)),
  }));
  return { bundle, embeddingSize: embeddings.columns, rows, notes };
}
