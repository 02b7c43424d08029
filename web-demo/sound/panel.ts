import type { EngineClient } from '../engine/client.ts';
import type { TimedMatch } from '../engine/engine.ts';
import { latest } from '../latest.ts';
import { byId, showError } from '../page.ts';
import { createReading } from '../reading.ts';
import { createPlayer } from './player.ts';
import { createRecordButton } from './recordButton.ts';
import { type Sound, secondsOf } from './sound.ts';
import { trimSilence } from './trim.ts';
import { drawWindows } from './windowsView.ts';

export interface SoundPanel {
  /** A sound file, as if it had been picked; `play`: and let it be heard. */
  open(file: Blob | Promise<Blob>, options?: { play: boolean }): Promise<void>;
  /** Marks the windows of a sound longer than one with their scores; null: they have none. */
  showMatch(match: TimedMatch | null): void;
}

/** Record or pick a sound. `onSound` is given it at the model's rate. */
export function createSoundPanel(engine: EngineClient, onSound: (sound: Sound) => void): SoundPanel {
  const play = byId('play', HTMLButtonElement);
  const file = byId('sound-file', HTMLInputElement);
  const error = byId('sound-error', HTMLElement);
  const hint = byId('sound-hint', HTMLElement);
  const canvas = byId('spectrogram', HTMLCanvasElement);
  const highest = byId('highest', HTMLElement);
  const duration = byId('duration', HTMLElement);
  const windows = byId('windows', HTMLElement);
  const reading = createReading(byId('sound-reading', HTMLElement), 'The model hears');
  const player = createPlayer();
  let sound: Sound | null = null;

  const hear = latest(
    async (sound: Sound) => {
      const { spectrogram, seconds, maxHz, classifications } = await engine.hear(sound);
      canvas.width = spectrogram.width; // the style sheet scales it
      canvas.height = spectrogram.height;
      canvas.getContext('2d')?.putImageData(spectrogram, 0, 0);
      highest.textContent = `${maxHz / 1000} kHz`;
      duration.textContent = `${seconds.toFixed(1)} s`;
      canvas.ariaLabel = `Spectrogram of ${duration.textContent} of sound, as the model hears it`;
      reading.show(classifications[0]);
    },
    (cause) => showError(error, cause),
  );

  function change(next: Sound) {
    sound = next;
    hint.hidden = true;
    play.disabled = false;
    showError(error, null);
    hear(next);
    onSound(next);
  }

  async function open(picked: Blob | Promise<Blob>, { play } = { play: false }) {
    try {
      const file = await picked;
      const opened = await engine.readSound(new Uint8Array(await file.arrayBuffer()));
      change(opened);
      if (play) player.play(opened);
    } catch (cause) {
      showError(error, cause);
    }
  }

  createRecordButton(byId('record', HTMLButtonElement), async (recording) => {
    try {
      const spoken = trimSilence(await recording);
      if (!spoken)
        throw new Error('Nothing was to be heard. Is the microphone muted? Speak up, and press Record again.');
      change(await engine.resample(spoken));
    } catch (cause) {
      showError(error, cause);
    }
  });
  play.addEventListener('click', () => sound && player.play(sound));
  file.addEventListener('change', async () => {
    const picked = file.files?.[0];
    if (picked) await open(picked);
    file.value = ''; // so that the same file can be picked again
  });

  return {
    open,
    showMatch(match) {
      windows.replaceChildren();
      if (sound && match && match.windows.length > 1) drawWindows(windows, { ...match, seconds: secondsOf(sound) });
    },
  };
}
