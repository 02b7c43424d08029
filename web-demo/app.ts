import type { BundleManifest } from '#core/bundle/manifest.ts';
import type { EngineClient } from './engine/client.ts';
import type { ListedModel } from './engine/open.ts';
import type { Picture } from './picture/picture.ts';
import type { PictureSide } from './picture/side.ts';
import type { Samples } from './samples.ts';
import type { SoundSide } from './sound/side.ts';
import type { Sound } from './sound/sound.ts';
import type { Store } from './store.ts';

/** What the panels share. */
export interface App {
  models: ListedModel[];
  manifest: BundleManifest;
  samples: Samples;
  /** Its pictures are drawn digits, 28 × 28. */
  draws: boolean;
  engine: EngineClient;
  /** What is chosen. */
  picture: Store<Picture | null>;
  sound: Store<Sound | null>;
  /** Where it is chosen; null: the bundle cannot see, or hear. The panel that is shown holds them. */
  sides: { picture: PictureSide | null; sound: SoundSide | null };
}

export interface Panel {
  element: HTMLElement;
  /** It is shown now. */
  enter?(): void;
  leave?(): void;
}
