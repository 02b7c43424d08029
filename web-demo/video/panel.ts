import './video.css';
import type { App, Panel } from '../app.ts';
import { fileButton, h } from '../dom.ts';
import { soundOf } from '../engine/ofSample.ts';
import { createNotice } from '../notice.ts';
import type { Sample } from '../samples.ts';
import { text } from '../text.ts';
import { createCurve, type Point } from './curve.ts';
import { openFrames } from './frames.ts';

const words = text.video;
/** Judged at so many times at most, and no closer than this. */
const mostPoints = 40;
const leastStep = 0.5; // seconds

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
    ...samples.sounds.map(({ title }, i) => h('option', { value: String(i) }, title)),
  );
  const open = fileButton({
    id: 'video-file',
    text: words.open,
    label: words.open,
    accept: 'video/*',
    onFile: (chosen) => judge(chosen),
  });
  let file: File | null = null;
  let url = '';
  let run = 0;

  async function judge(chosen: File): Promise<void> {
    const own = ++run;
    file = chosen;
    notice.clear();
    said.textContent = words.reading;
    bar.hidden = false;
    bar.removeAttribute('value');
    try {
      URL.revokeObjectURL(url);
      url = URL.createObjectURL(chosen);
      const frames = await openFrames(url);
      const { waveform } = await engine.ask.readSound(new Uint8Array(await chosen.arrayBuffer()));
      const other = await soundOf(engine, samples.sounds[Number(others.value)] as Sample);
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
        // What is silent there is no question.
        const heard = sound.waveform.some((value) => Math.abs(value) > 1e-3) ? [sound, other] : [other];
        const [[first, second]] = (await engine.ask.matrix(heard, [picture])) as [[number, number?]];
        if (own !== run) return;
        if (second !== undefined) points.push({ seconds, own: first, other: second });
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

  app.video.watch((dropped) => dropped && judge(dropped));

  return {
    element: h(
      'section',
      { class: 'card video', 'aria-label': text.panels.video },
      h('p', {}, words.lead),
      h('div', { class: 'row' }, open, h('label', {}, words.other, others), bar),
      said,
      notice.element,
      place,
    ),
    leave() {
      place.querySelector('video')?.pause();
    },
  };
}
