import type { Desk } from './desk.ts';
import type { PictureSide } from './picture/side.ts';
import type { SoundSide } from './sound/side.ts';
import type { Store } from './store.ts';

/** What the panels share. */
export interface App extends Desk {
  /** Where picture and sound are chosen; null: the bundle cannot see, or hear. The panel that is shown holds them. */
  sides: { picture: PictureSide | null; sound: SoundSide | null };
  /** What was dropped last for the panel of videos. */
  video: Store<File | null>;
}

export interface Panel {
  element: HTMLElement;
  /** It is shown now. */
  enter?(): void;
  leave?(): void;
}
