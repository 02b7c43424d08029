import type { Stroke } from './digit.ts';

/** Where something that was chosen comes from, so that a link can restore it. */
export type Source =
  | { kind: 'sample'; file: string }
  | { kind: 'strokes'; strokes: readonly Stroke[] }
  /** The visitor's own file, photo or recording. */
  | { kind: 'own' };

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
