import type { Source } from '../chosen.ts';

/** A picture as the model sees it. */
export interface Picture {
  /** Of these numbers alone. */
  id: string;
  /** RGB uint8 `[H, W, 3]` of the model's size. */
  image: Uint8Array;
  title: string;
  source: Source;
  /** To be shown; null: it is drawn. */
  file: Blob | null;
}
