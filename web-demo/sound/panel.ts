import type { Match } from '#core/bundle/matcher.ts';
import type { EngineClient } from '../engine/client.ts';
import { latest } from '../latest.ts';
import { byId, showError } from '../page.ts';
import { createReading } from '../reading.ts';
import { createPlayer } from './player.ts';
import { createRecordButton } from './record-button.ts';

import { trimSilence } from './trim.ts';
import { drawWindows } from './windows-view.ts';

export interface SoundPanel {
  /** A sound file, as if it had been picked; `play`: and let it be heard. */
  open(file: Blob, options?: { play: boolean }): Promise<void>;
  /** Marks the windows of the present sound with the scores that they had; null: they have none. */
  showMatch(match: Match | null): void;
}

/** Record or pick a sound. `onSound` is given it as `[samples]` float32, mono, at the model's rate. */
export function createSoundPanel(engine: EngineClient, onSound: (waveform: Float32Array) => void): SoundPanel {
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
  let sound: Float32Array | null = null;

  const hear = latest(
    async (waveform: Float32Array) => {
      const { spectrogram, seconds, maxHz, classifications } = await engine.hear(waveform);
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

  function change(waveform: Float32Array) {
    sound = waveform;
    hint.hidden = true;
    play.disabled = false;
    showError(error, null);
    hear(waveform);
    onSound(waveform);
  }

  async function playSound() {
    if (sound) player.play(sound, (await engine.facts()).manifest.input.audio.sampleRate);
  }

  async function open(picked: Blob, { play } = { play: false }) {
    try {
      change(await engine.readSound(new Uint8Array(await picked.arrayBuffer())));
      if (play) await playSound();
    } catch (cause) {
      showError(error, cause);
    }
  }

  createRecordButton(byId('record', HTMLButtonElement), async (recording) => {
    try {
      const { waveform, sampleRate } = await recording;
      const spoken = trimSilence(waveform, sampleRate);
      if (!spoken)
        throw new Error('Nothing was to be heard. Is the microphone muted? Speak up, and press Record again.');
      change(await engine.resampleSound(spoken, sampleRate));
    } catch (cause) {
      showError(error, cause);
    }
  });
  play.addEventListener('click', playSound);
  file.addEventListener('change', async () => {
    const picked = file.files?.[0];
    if (picked) await open(picked);
    file.value = ''; // so that the same file can be picked again
  });

  return {
    open,
    async showMatch(match) {
      const { sampleRate, samples } = (await engine.facts()).manifest.input.audio;
      const windowSeconds = samples / sampleRate;
      const seconds = (sound?.length ?? 0) / sampleRate;
      const shown = match && match.windows.length > 1 ? match.windows : [];
      drawWindows(windows, { windows: shown, windowSeconds, seconds });
    },
  };
}
