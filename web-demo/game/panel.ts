import './game.css';
import type { App, Panel } from '../app.ts';
import { h } from '../dom.ts';
import type { PictureInput, SoundInput } from '../engine/engine.ts';
import { pictureOf, soundOf } from '../engine/ofSample.ts';
import { createNotice } from '../notice.ts';
import type { Sample } from '../samples.ts';
import { createPlayer } from '../sound/player.ts';
import { text } from '../text.ts';
import { drawRounds, type Round } from './rounds.ts';

const count = 10;
const words = text.game;

/** Ten rounds of "which of four pictures made this sound?", the visitor beside the network. */
export function createGamePanel(app: App): Panel {
  const { engine, manifest, samples } = app;
  const sampleRate = manifest.input.audio?.sampleRate ?? 0;
  const player = createPlayer();
  const notice = createNotice('game-error');
  const said = h('p', { id: 'game-said', 'aria-live': 'polite' });
  const table = h('div', { class: 'game-pictures', id: 'game-pictures' });
  const tally = h('p', { id: 'game-tally', class: 'tally' });
  const again = h('button', { type: 'button', id: 'game-play', hidden: true }, words.hear);
  const next = h('button', { type: 'button', id: 'game-next', class: 'primary' }, words.start);

  let rounds: Round[] = [];
  let at = 0;
  let right = { you: 0, network: 0 };
  let isShown = false;
  next.onclick = () => (at < rounds.length ? play() : begin());

  function begin(): void {
    rounds = drawRounds(samples, { count, random: Math.random });
    at = 0;
    right = { you: 0, network: 0 };
    play();
  }

  async function play(): Promise<void> {
    const round = rounds[at] as Round;
    const hadFocus = document.activeElement === next;
    next.hidden = true;
    table.replaceChildren();
    said.textContent = words.loading;
    tell();
    try {
      const sound = await soundOf(engine, round.sound);
      again.onclick = () => player.play({ waveform: sound.waveform, sampleRate });
      again.hidden = false;
      const guessing = guess(sound, round.pictures);
      guessing.catch(() => {}); // said when the visitor has chosen
      table.replaceChildren(...round.pictures.map((picture, i) => button(picture, () => choose(round, i, guessing))));
      said.textContent = words.question(at + 1, count);
      if (hadFocus) table.querySelector('button')?.focus();
      if (isShown) player.play({ waveform: sound.waveform, sampleRate });
    } catch (error) {
      fail(error);
    }
  }

  async function choose(round: Round, chosen: number, guessing: Promise<number[]>): Promise<void> {
    for (const button of table.querySelectorAll('button')) button.disabled = true;
    said.textContent = words.waiting;
    try {
      const scores = await guessing;
      const guessed = scores.indexOf(Math.max(...scores));
      if (chosen === round.answer) right.you++;
      if (guessed === round.answer) right.network++;
      for (const [i, button] of [...table.querySelectorAll('button')].entries()) {
        const marks = [i === chosen && words.you, i === guessed && words.network].filter(Boolean).join(' · ');
        button.classList.toggle('right', i === round.answer);
        button.append(h('small', {}, words.score(scores[i] as number)), h('b', {}, marks));
      }
      said.textContent = words.judged({
        title: (round.pictures[round.answer] as Sample).title,
        you: chosen === round.answer,
        network: guessed === round.answer,
      });
      at++;
      tell();
      next.textContent = at < count ? words.next : words.again;
      next.hidden = false;
      next.focus();
    } catch (error) {
      fail(error);
    }
  }

  /** @returns the network's score of each picture. */
  async function guess(sound: SoundInput, pictures: Sample[]): Promise<number[]> {
    const inputs: PictureInput[] = [];
    for (const picture of pictures) inputs.push(await pictureOf(engine, picture));
    return (await engine.ask.matrix([sound], inputs)).flat();
  }

  function tell(): void {
    const words = at < count ? text.game.tally : text.game.final;
    tally.textContent = at === 0 ? '' : words(right.you, right.network, at);
  }

  function fail(error: unknown): void {
    said.textContent = '';
    notice.show(error, () => {
      engine.revive();
      play();
    });
  }

  return {
    element: h(
      'section',
      { class: 'card game', 'aria-label': text.panels.game },
      h('p', {}, words.lead),
      said,
      table,
      h('div', { class: 'row' }, again, next),
      tally,
      notice.element,
    ),
    enter() {
      isShown = true;
    },
    leave() {
      isShown = false;
      player.stop();
    },
  };
}

function button({ url, title }: Sample, onclick: () => void): HTMLButtonElement {
  return h('button', { type: 'button', onclick }, h('img', { src: url, alt: title, width: 144, height: 144 }));
}
