import './video.css';
import { isSilent } from '#core/media/silence.ts';
import type { App, Panel } from '../app.ts';
import { fileButton, h } from '../dom.ts';
import { soundOf } from '../engine/ofSample.ts';
import { createNotice } from '../notice.ts';
import { text } from '../text.ts';
import { createCurve, type Point } from './curve.ts';
import { openFrames } from './frames.ts';

const words = text.video;
/** Judged at so many times at most, and no closer than this. */
const mostPoints = 40;
const leastStep = 0.5; // seconds
/** Its sound is held whole. */
const longestSeconds = 600;

/** A video's frames with its own sound over time, beside another sound's. */
export function createVideoPanel(app: App): Panel {
  const { engine, manifest, samples } = app;
  const audio = manifest.input.audio as { sampleRate: number; samples: number };
  const notice = createNotice('video-error');
  const said = h('p', { id: 'video-said', 'aria-live': 'polite' });
  const bar = h('progress', { hidden: true, max: 1, 'aria-label': words.progress });
  const place = h('div', { class: 'video-place' });
  const others = h(
    'select',
    { id: 'video-other', onchange: () => file && judge(file) },
    ...samples.sounds.map(({ title }) => h('option', {}, title)),
  );
  const open = fileButton({
    id: 'video-file',
    text: words.open,
    label: words.open,
    accept: 'video/*',
    onFiles: ([chosen]) => judge(chosen),
  });
  let file: File | null = null;
  let url = '';
  let run = 0;

  async function judge(chosen: File): Promise<void> {
    const own = ++run;
    file = chosen;
    notice.clear();
    place.replaceChildren();
    said.textContent = words.reading;
    bar.hidden = false;
    bar.removeAttribute('value');
    try {
      URL.revokeObjectURL(url);
      url = URL.createObjectURL(chosen);
      const frames = await openFrames(url);
      const { waveform } = await engine.ask.readSound(chosen, longestSeconds);
      const sample = samples.sounds[others.selectedIndex];
      const other = sample && (await soundOf(engine, sample));
      if (own !== run) return;
      const player = h('video', { src: url, controls: true, 'aria-label': chosen.name });
      const curve = createCurve(frames.seconds, (seconds) => (player.currentTime = seconds));
      player.ontimeupdate = () => curve.at(player.currentTime);
      place.replaceChildren(player, curve.element);
      const points: Point[] = [];
      const step = Math.max(leastStep, frames.seconds / mostPoints);
      for (let seconds = step / 2; seconds < frames.seconds; seconds += step) {
        const image = await engine.ask.readPicture(await frames.at(seconds));
        const picture = { id: `${url} ${seconds}`, image };
        const sound = { id: picture.id, waveform: around(seconds, waveform) };
        // Where the sound is silent, or has ended, there is no question.
        const hasEnded = seconds * audio.sampleRate >= waveform.length;
        const [scores] =
          hasEnded || isSilent(sound.waveform)
            ? []
            : await engine.ask.matrix(other ? [sound, other] : [sound], [picture]);
        if (own !== run) return;
        if (scores) points.push({ seconds, own: scores[0] as number, other: scores[1] ?? null });
        bar.value = seconds / frames.seconds;
        if (points.length > 0) curve.show(points);
      }
      said.textContent = points.length > 0 ? words.done(points.length) : words.silent;
    } catch (error) {
      if (own !== run) return;
      said.textContent = '';
      notice.show(error, () => {
        engine.revive();
        judge(chosen);
      });
    }
    bar.hidden = true;
  }

  /** A window of sound around a time; at the ends, the first and the last. */
  function around(seconds: number, waveform: Float32Array): Float32Array {
    const centre = Math.round(seconds * audio.sampleRate);
    const from = Math.max(0, Math.min(centre - (audio.samples >> 1), waveform.length - audio.samples));
    return waveform.slice(from, from + audio.samples);
  }

  return {
    element: h(
      'section',
      { class: 'card video', 'aria-label': text.panels.video },
      h('p', {}, words.lead),
      h('div', { class: 'row' }, open, samples.sounds.length > 0 && h('label', {}, words.other, others), bar),
      said,
      notice.element,
      place,
    ),
    leave() {
      place.querySelector('video')?.pause();
    },
    take({ videos: [video] = [] }) {
      if (video) judge(video);
    },
  };
}
