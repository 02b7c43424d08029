import type { Skipped } from '#core/datasets/prepared.ts';
import type { ClipSettings } from '../kinds/kind.ts';
import type { KindName } from '../kinds/names.ts';

/** What a worker is started with. */
export interface WorkerSetup {
  kind: KindName;
  settings: ClipSettings;
}

/** By which copies of a clip are found, in base64; of its first, middle and last picture. */
export interface ClipPrints {
  sound: string | null;
  pictures: { index: number; print: string | null }[];
}

/** A clip's files, as they go into a shard. */
export interface EncodedClip {
  prints: ClipPrints;
  sound: { wav: Uint8Array; seconds: number; startSeconds: number } | null;
  pictures: { jpeg: Uint8Array; width: number; height: number; timeSeconds: number | null }[];
}

/** A worker's answer to an item. */
export interface Prepared {
  clips: EncodedClip[];
  skipped: Skipped[];
}
