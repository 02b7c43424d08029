import type { ImageInput } from '#core/bundle/manifest.ts';
import type { App, Panel } from '../app.ts';
import { fileButton, h } from '../dom.ts';
import { sortFiles, type Taken } from '../intake.ts';
import { latest } from '../latest.ts';
import { createNotice } from '../notice.ts';
import { pixelsOf } from '../picture/pixels.ts';
import { bySubject, type Sample } from '../samples.ts';
import { createPlayer } from '../sound/player.ts';
import { judgedPart } from '../sound/sound.ts';
import { text } from '../text.ts';
import { type Candidate, filePicture, fileSound, present, samplePicture, sampleSound } from './candidates.ts';
import { createChooser } from './chooser.ts';
import { createTable } from './table.ts';

const words = text.matrix;

/** Of each kind, to begin with. */
const most = 6;

/** Several sounds with several pictures, as a heat map. */
export function createMatrixPanel(app: App): Panel {
  const { engine, manifest, samples } = app;
  const audio = manifest.input.audio as { sampleRate: number; samples: number };
  const notice = createNotice('matrix-error');
  const place = h('div', { id: 'matrix', class: 'matrix', tabIndex: 0, role: 'region', 'aria-label': words.caption });
  const player = createPlayer();
  let isShown = false;

  const heard = createChooser(words.sounds, {
    candidates: firstOfEach(samples.sounds).map((sample) => sampleSound(engine, sample)),
    ticked: most,
    onChange: () => judge(),
  });
  const seen = createChooser(words.pictures, {
    candidates: firstOfEach(samples.pictures).map((sample) => samplePicture(engine, sample)),
    ticked: most,
    onChange: () => judge(),
  });

  const judge = latest(
    async () => {
      if (!isShown) return;
      const isReady = engine.state.value.kind === 'ready';
      if (!isReady || !place.firstChild) place.replaceChildren(h('p', {}, text.coming(text.panels.matrix)));
      const sounds = await readAll([...heard.chosen(), ...ownSound()]);
      const pictures = await readAll([...seen.chosen(), ...ownPicture()]);
      const failure = sounds.failure ?? pictures.failure;
      if (!failure) notice.clear();
      if (sounds.inputs.length === 0 || pictures.inputs.length === 0) place.replaceChildren(h('p', {}, words.empty));
      else if (isReady) {
        const scores = await engine.ask.matrix(sounds.inputs, pictures.inputs);
        const play = (sound: number) =>
          player.play({ waveform: sounds.inputs[sound]?.waveform as Float32Array, sampleRate: audio.sampleRate });
        place.replaceChildren(
          createTable({ sounds: sounds.read, pictures: pictures.read, scores }, { play, stop: player.stop }),
        );
      }
      if (failure) throw failure;
    },
    (error) =>
      notice.show(error, () => {
        engine.revive();
        judge();
      }),
  );

  /** What is chosen elsewhere, if it is no sample. */
  function ownSound() {
    const sound = app.sound.value;
    if (!sound || sound.source.kind === 'sample') return [];
    return [present(sound.title, judgedPart(sound, audio.samples), words.own)];
  }
  function ownPicture() {
    const picture = app.picture.value;
    if (!picture || picture.source.kind === 'sample') return [];
    const { id, title, image } = picture;
    return [{ ...present(title, { id, image }, words.own), url: thumbnail(image) }];
  }
  function thumbnail(image: Uint8Array): string {
    const { width, height } = manifest.input.image as ImageInput;
    const canvas = h('canvas', { width, height });
    canvas.getContext('2d')?.putImageData(pixelsOf(image, { width, height }), 0, 0);
    return canvas.toDataURL();
  }

  async function take({ pictures = [], sounds = [], others = [] }: Partial<Taken>): Promise<void> {
    const refused = others.map(({ name }) => text.neither(name));
    const add = async <C>(file: File, read: (file: File) => Promise<C>, chooser: { add(candidate: C): void }) => {
      try {
        chooser.add(await read(file));
      } catch (error) {
        refused.push(`${file.name}: ${(error as Error).message}`);
      }
    };
    for (const file of pictures) await add(file, (file) => filePicture(engine, file), seen);
    for (const file of sounds) await add(file, (file) => fileSound(engine, file), heard);
    judge();
    if (refused.length > 0) refusal.show(new Error(refused.join(' ')));
    else refusal.clear();
  }
  const refusal = createNotice('matrix-refused');
  const addFiles = fileButton({
    id: 'matrix-files',
    text: words.add,
    label: words.addLabel,
    accept: 'image/*,audio/*,video/webm,video/mp4',
    multiple: true,
    onFiles: async (files) => {
      const { videos, sounds, ...taken } = await sortFiles(files);
      take({ ...taken, sounds: [...sounds, ...videos] });
    },
  });

  engine.state.watch(() => judge());
  return {
    element: h(
      'section',
      { class: 'card', 'aria-label': text.panels.matrix },
      h('p', { class: 'quiet' }, words.lead),
      heard.element,
      seen.element,
      h('div', { class: 'row' }, addFiles),
      refusal.element,
      notice.element,
      place,
    ),
    enter() {
      isShown = true;
      judge();
    },
    leave() {
      isShown = false;
      player.stop();
    },
    take,
  };
}

function firstOfEach(samples: Sample[]): Sample[] {
  return [...bySubject(samples).values()].map(([first]) => first as Sample);
}

/** @returns what could be read, and why another could not. */
async function readAll<C extends Candidate<unknown>>(candidates: C[]) {
  const results = await Promise.allSettled(
    candidates.map(({ read }) => read() as Promise<Awaited<ReturnType<C['read']>>>),
  );
  const failed = results.find((result) => result.status === 'rejected');
  return {
    read: candidates.filter((_, i) => results[i]?.status === 'fulfilled'),
    inputs: results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    failure: failed ? (failed.reason as Error) : null,
  };
}
