import type { BundleManifest } from '#core/bundle/manifest.ts';
import type { Chosen } from './chosen.ts';
import type { EngineClient } from './engine/client.ts';
import type { ListedModel } from './engine/open.ts';
import type { Picture } from './picture/picture.ts';
import type { Samples } from './samples.ts';
import type { Sound } from './sound/sound.ts';

/** The bundle, what runs it, and what the visitor chose. */
export interface Desk {
  models: ListedModel[];
  manifest: BundleManifest;
  samples: Samples;
  /** Its pictures are drawn digits, 28 × 28. */
  draws: boolean;
  engine: EngineClient;
  picture: Chosen<Picture>;
  sound: Chosen<Sound>;
}
