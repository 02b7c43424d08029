import type { Desk } from './desk.ts';
import type { Taken } from './intake.ts';
import type { PictureSide } from './picture/side.ts';
import type { SoundSide } from './sound/side.ts';

/** What the panels share. */
export interface App extends Desk {
  /** Where picture and sound are chosen; null: the bundle cannot see, or hear. The panel that is shown holds them. */
  sides: { picture: PictureSide | null; sound: SoundSide | null };
}

export interface Panel {
  element: HTMLElement;
  /** It is shown now. */
  enter?(): void;
  leave?(): void;
  /** Takes what was dropped or pasted. */
  take?(files: Partial<Taken>): void;
}
