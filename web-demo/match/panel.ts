import type { App, Panel } from '../app.ts';
import { h } from '../dom.ts';
import { latest } from '../latest.ts';
import { createNotice } from '../notice.ts';
import { painted } from '../painted.ts';
import { type Pair, samplePairs } from '../samples.ts';
import { judgedPart } from '../sound/sound.ts';
import { text } from '../text.ts';
import { foretoldScore } from './foretold.ts';
import { createGallery } from './gallery.ts';
import { headlineFor, meaningOf } from './meaning.ts';
import { createVerdict } from './verdict.ts';

/** Longer than files mostly take to come: then the last verdict does not stand there any more. */
const patienceMs = 300;

/** One picture, one sound, and whether they belong together. */
export function createMatchPanel(app: App): Panel {
  const { engine, manifest, sides } = app;
  const samples = manifest.input.audio?.samples ?? 0;
  const verdict = createVerdict();
  const notice = createNotice('match-error');
  const stages = h('p', { class: 'quiet', id: 'stages' });
  const pairs = samplePairs(app.samples);

  /** Whether one of them is another than is shown; what the microphone hears is judged as it comes. */
  const isComing = () =>
    [app.picture, app.sound].some(({ coming }) => coming.value && coming.value.source.kind !== 'heard');
  let late = 0;

  const judge = latest(
    async () => {
      clearTimeout(late);
      const [picture, sound] = [app.picture.value, app.sound.value];
      if (!picture || !sound) {
        stages.textContent = '';
        sides.sound?.showJudgement(null);
      }
      const lacks = { picture: !picture && !app.picture.coming.value, sound: !sound && !app.sound.coming.value };
      if (lacks.picture || lacks.sound) {
        const missing = lacks.picture && lacks.sound ? 'both' : lacks.picture ? 'picture' : 'sound';
        return verdict.say(text.verdict.wait[missing][app.draws ? 'digits' : 'photos'], text.verdict.waitBecause);
      }
      if (!picture || !sound || engine.state.value.kind !== 'ready') return foretell();
      if (isComing()) {
        late = window.setTimeout(() => isComing() && verdict.say(text.verdict.judging, ''), patienceMs);
        return;
      }
      const isPast = () => app.picture.value !== picture || app.sound.value !== sound; // another is on its way
      await painted();
      if (isPast()) return;
      const judgement = await engine.ask.match(judgedPart(sound, samples), picture);
      if (isPast()) return;
      notice.clear();
      verdict.show(judgement.score, meaningOf(judgement, manifest.variants[engine.settings.variant]?.metrics ?? {}));
      stages.textContent = text.verdict.stages(judgement.milliseconds);
      sides.sound?.showJudgement(judgement);
    },
    (error) => {
      verdict.say(text.verdict.failed, '');
      notice.show(error, () => {
        engine.revive();
        judge();
      });
    },
  );

  /** Until model, picture and sound are there. */
  function foretell() {
    const score = foretoldScore(app);
    if (score === null) {
      const hasFailed = engine.state.value.kind === 'failed';
      return verdict.say(hasFailed ? text.verdict.failed : text.verdict.judging, '');
    }
    verdict.show(score, { headline: headlineFor(score), explanation: text.verdict.foretold, isForetold: true });
  }

  function show({ picture, sound }: Pair) {
    sides.picture?.openSample(picture);
    sides.sound?.openSample(sound, { play: true });
  }

  let next = 1; // the first stands there when the page opens
  const example = h(
    'button',
    {
      type: 'button',
      id: 'example-pair',
      class: 'primary',
      disabled: pairs.length === 0,
      onclick: () => show(pairs[next++ % pairs.length] as Pair),
    },
    h('span', {}, text.verdict.example[0]),
    text.verdict.example[1],
  );
  verdict.append(notice.element, stages, example);

  for (const side of [app.picture, app.sound]) {
    side.watch(() => judge());
    side.coming.watch(() => judge());
  }
  engine.state.watch(({ kind }) => kind !== 'opening' && judge());

  const bench = h('div', { class: 'bench' });
  return {
    element: h('div', { class: 'match' }, bench, createGallery(pairs, show)),
    enter() {
      bench.replaceChildren(
        ...[sides.picture?.element, verdict.element, sides.sound?.element].filter((side) => side !== undefined),
      );
    },
    leave() {
      sides.sound?.rest();
      sides.picture?.rest();
    },
  };
}
