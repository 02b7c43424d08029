import { isSilent } from '#core/media/silence.ts';
import { createBars } from '../classify/bars.ts';
import type { Desk } from '../desk.ts';
import { fileButton, h } from '../dom.ts';
import type { Judgement } from '../engine/engine.ts';
import { createHint } from '../hint.ts';
import { latest } from '../latest.ts';
import { createNotice } from '../notice.ts';
import { painted } from '../painted.ts';
import { labelsOf } from '../picture/side.ts';
import { loadSample, type Sample } from '../samples.ts';
import { createStrip } from '../strip.ts';
import { text } from '../text.ts';
import { createListenButton } from './listenButton.ts';
import { createPlayer } from './player.ts';
import { createRecordButton } from './recordButton.ts';
import { judgedPart, type Sound, secondsOf, type Waveform } from './sound.ts';
import { type Spoken, trimSilence } from './trim.ts';
import { createWaveformView } from './waveformView.ts';
import { drawWindows } from './windowsView.ts';

export interface SoundSide {
  element: HTMLElement;
  /** @param options.note what people should know of it, beside what reading it tells. */
  open(file: Blob, name?: string, options?: { play: boolean; note: string | null }): Promise<void>;
  openSample(sample: Sample, options?: { play: boolean; startSeconds?: number | null }): Promise<void>;
  /** Marks the windows of a sound longer than one with their scores; null: they have none. */
  showJudgement(judgement: Judgement | null): void;
  /** What is heard of the chosen sound, at once. */
  play(): void;
  /** Ends recording and playing. */
  rest(): void;
}

/** People speak a digit in less. */
const digitSeconds = 2;

/** Where a sound is recorded, chosen, dropped or listened to, and what the model hears in it. */
export function createSoundSide(desk: Desk): SoundSide {
  const { engine, draws, manifest } = desk;
  const { sampleRate, samples } = manifest.input.audio as { sampleRate: number; samples: number };
  const windowSeconds = samples / sampleRate;
  const words = text.sound;
  const notice = createNotice('sound-error');
  const bars = createBars('sound-reading', { sentence: words.hears, labels: labelsOf(desk, 'audio') });
  const canvas = h('canvas', { id: 'spectrogram', role: 'img', 'aria-label': words.none, hidden: true });
  const hint = createHint(desk.sound, {
    id: 'sound-hint',
    invitation: draws ? words.hint.digits : words.hint.photos,
    isEmpty: () => desk.sound.value === null,
  });
  const windows = h('div', { id: 'windows', 'aria-hidden': 'true' });
  const highest = h('span');
  const duration = h('span');
  const note = h('p', { class: 'quiet', id: 'sound-note', hidden: true });
  const play = h('button', { type: 'button', id: 'play', disabled: true }, words.play);
  const player = createPlayer((isPlaying) => (play.textContent = isPlaying ? words.stop : words.play));
  let taken = 0;
  let rests = 0;

  const read = latest(
    async (sound: Sound | null) => {
      if (!sound) return bars.show(null);
      await painted();
      const [classification] = await engine.ask.hear(judgedPart(sound, samples));
      if (desk.sound.value !== sound) return;
      bars.show(classification);
      paint(sound);
    },
    (error) => {
      // That the model itself has failed is said elsewhere, and it reads again when it is there.
      if (engine.state.value.kind !== 'failed') notice.show(error, () => read(desk.sound.value));
    },
  );

  let shownId = '';
  const paint = latest(
    async (sound: Sound) => {
      if (shownId === sound.id) return;
      const { spectrogram, seconds, maxHz } = await engine.ask.paint(sound.waveform);
      shownId = sound.id;
      canvas.width = spectrogram.width; // the style sheet scales it
      canvas.height = spectrogram.height;
      canvas.getContext('2d')?.putImageData(spectrogram, 0, 0);
      canvas.hidden = false;
      highest.textContent = `${maxHz / 1000} kHz`;
      duration.textContent = `${seconds.toFixed(1)} s`;
      canvas.ariaLabel = words.spectrogram(seconds);
    },
    (error) => notice.show(error),
  );

  const view = createWaveformView(windowSeconds, (startSeconds) => {
    const sound = desk.sound.value;
    if (sound) desk.sound.set({ ...sound, startSeconds });
  });

  type About = Pick<Sound, 'title' | 'source'> & Partial<Sound>;

  /** @param read gives the samples, and what people should know of them. */
  function take(
    about: About,
    read: () => Promise<{ waveform: Float32Array; note?: string | null }>,
    wantsPlay = false,
  ) {
    const since = rests;
    return desk.sound.take({
      about,
      async come() {
        const { waveform, note } = await read();
        const notes = [about.note, note].filter(Boolean).join(' ');
        const startSeconds = startWithin(about.startSeconds ?? null, waveform);
        return { id: `sound ${++taken}`, ...about, note: notes || null, waveform, sampleRate, startSeconds };
      },
      arrive({ waveform }) {
        if (wantsPlay && since === rests) player.play({ waveform, sampleRate });
      },
    });
  }

  /** Of a part that a link names: where it may begin; null: the sound is no longer than one window. */
  function startWithin(startSeconds: number | null, waveform: Float32Array): number | null {
    const last = (waveform.length - samples) / sampleRate;
    return startSeconds === null || last <= 0 ? null : Math.min(startSeconds, last);
  }

  const open: SoundSide['open'] = (file, title = words.recorded, options) => {
    quit();
    const about: About = { title, source: { kind: 'own' }, note: options?.note ?? null };
    return take(about, () => engine.ask.readSound(file), options?.play);
  };

  const openSample: SoundSide['openSample'] = (sample, options) => {
    quit();
    const { sha256: id, title, file } = sample;
    const about = { id, title, source: { kind: 'sample', file }, startSeconds: options?.startSeconds ?? null } as const;
    return take(about, async () => engine.ask.readSound(await loadSample(sample)), options?.play);
  };

  const recording = createRecordButton({
    seconds: draws ? digitSeconds : windowSeconds,
    invitation: draws ? words.speak.digits : words.speak.photos,
    onPress() {
      player.stop();
      listening.stop();
      take({ title: words.recorded, source: { kind: 'heard' } }, async () => {
        const heard = spoken(await recording.record());
        if (!heard) throw new Error(text.microphone.silent);
        return { waveform: await engine.ask.resample(heard.waveform, heard.sampleRate) };
      });
    },
  });

  /** What of a recording is a sound; null: there is none. The digits' model learnt from words without silence around them. */
  function spoken(recording: Waveform): Spoken | null {
    if (draws) return trimSilence(recording);
    return isSilent(recording.waveform) ? null : { ...recording, isWhole: true };
  }

  const hearWindow = latest(
    async (window: Waveform) => {
      const heard = spoken(window);
      if (!heard?.isWhole || !listening.isOn) return;
      await take({ title: words.live, source: { kind: 'heard' } }, async () => {
        return { waveform: await engine.ask.resample(heard.waveform, heard.sampleRate) };
      });
    },
    (error) => notice.show(error),
  );
  const listening = createListenButton({
    seconds: draws ? digitSeconds : windowSeconds,
    onStart() {
      player.stop();
      recording.stop();
    },
    onWindow: hearWindow,
    onError: (error) => notice.show(error, listening.start),
  });

  /** Ends listening and recording: something else was chosen. */
  const quit = () => {
    listening.stop();
    recording.stop();
  };
  const rest = () => {
    rests++;
    player.stop();
    quit();
  };

  play.onclick = () => {
    if (play.textContent === words.stop) player.stop();
    else playChosen();
  };
  const playChosen = () => {
    const sound = desk.sound.value;
    if (sound) player.play({ waveform: judgedPart(sound, samples).waveform, sampleRate });
  };

  desk.sound.failure.watch((error) => (error ? notice.show(error, desk.sound.again) : notice.clear()));
  desk.sound.watch((sound) => {
    notice.clear();
    play.disabled = sound === null;
    note.textContent = sound?.note ?? '';
    note.hidden = !sound?.note;
    windows.replaceChildren();
    view.show(sound);
    read(sound);
    // What is looked at waits for what is known; while the model comes it is all there is to do.
    if (sound && engine.state.value.kind !== 'ready') paint(sound);
  });
  engine.state.watch(({ kind }) => kind === 'ready' && read(desk.sound.value));

  const element = h(
    'section',
    { id: 'sound', class: 'side', 'aria-labelledby': 'sound-title' },
    h('h2', { id: 'sound-title' }, words.title),
    h(
      'div',
      { class: 'work' },
      h(
        'div',
        { class: 'heard' },
        h(
          'div',
          { class: 'stage' },
          canvas,
          hint,
          windows,
          h('p', { class: 'axes', 'aria-hidden': 'true' }, highest, duration),
        ),
        view.element,
      ),
      h(
        'div',
        { class: 'tools' },
        recording.element,
        listening.element,
        play,
        fileButton({
          id: 'sound-file',
          text: words.open,
          label: words.openLabel,
          accept: 'audio/*,video/webm,video/mp4',
          onFiles: ([file]) => open(file, file.name),
        }),
      ),
    ),
    note,
    notice.element,
    createStrip(desk.samples.sounds, {
      id: 'sound-samples',
      kind: 'sound',
      legend: words.samples,
      onPick: (sample) => openSample(sample, { play: true }),
    }),
    bars.element && h('div', { class: 'perception' }, h('figure', {}, h('figcaption', {}, words.hears), bars.element)),
  );
  return {
    element,
    open,
    openSample,
    play: playChosen,
    rest,
    showJudgement(judgement) {
      windows.replaceChildren();
      const sound = desk.sound.value;
      if (sound?.startSeconds === null && judgement && judgement.windows.length > 1)
        drawWindows(windows, { ...judgement, seconds: secondsOf(sound) });
    },
  };
}
