import { type Ability, expectAble } from '#core/bundle/abilities.ts';
import { rowOf } from '#core/matrix.ts';
import { defaultLimits } from './engine/limits.ts';
import { loadBundle } from './engine/loadBundle.ts';
import { performAll } from './engine/perform.ts';
import type { Item, MediaResult, MediaTask, Noted, Rows } from './engine/protocol.ts';
import { notesOf } from './engine/run.ts';
import { readInput } from './match.ts';

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
  const loaded = await loadBundle({ folder, variant: 'fp32' }, { threads, limits: defaultLimits, provider: 'cpu' });
  const { manifest } = loaded.bundle;
  try {
    expectAble(manifest, `embed-${kind}` satisfies Ability);
    const item: Item = { kind, name: kind, hopSeconds, from: { file: await readInput(file) } };
    const task: MediaTask = {
      task: 'media',
      bundle: folder,
      items: [item],
      judgement: 'nothing',
      features: false,
      keepsRows: true,
      budgetMs: Number.POSITIVE_INFINITY,
    };
    const [result] = await performAll([task], new Map([[folder, loaded]]));
    if (result instanceof Error) throw result;
    const encoded = (result as MediaResult).items[0] as Rows;
    const { embeddings, startSeconds } = encoded;
    const rows = Array.from({ length: embeddings.rows }, (_, i) => ({
      startSeconds: startSeconds[i] ?? null,
      embedding: Array.from(rowOf(embeddings, i)),
    }));
    return { bundle: manifest.name, embeddingSize: embeddings.columns, rows, notes: notesOf([item], [encoded]) };
  } finally {
    await loaded.bundle.release();
  }
}
