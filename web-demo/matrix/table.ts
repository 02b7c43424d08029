import { h } from '../dom.ts';
import { formatPercent } from '../percent.ts';
import { text } from '../text.ts';

/** What stands before a row, or above a column. */
interface Head {
  title: string;
  word: string;
}

export interface Judged {
  sounds: Head[];
  pictures: (Head & { url: string })[];
  /** `[pictures][sounds]`. */
  scores: number[][];
}

/** A row a sound, a column a picture. @param player plays the sound of a row. */
export function createTable(
  { sounds, pictures, scores }: Judged,
  player: { play: (sound: number) => void; stop: () => void },
): HTMLTableElement {
  const head = h(
    'tr',
    {},
    h('td'),
    ...pictures.map(({ title, word, url }) =>
      h('th', { scope: 'col' }, h('img', { src: url, alt: title, title, width: 56, height: 56 }), h('small', {}, word)),
    ),
  );
  const rows = sounds.map((sound, i) => {
    const row = pictures.map((_, picture) => scores[picture]?.[i] as number);
    const best = row.indexOf(Math.max(...row));
    const play = () => player.play(i);
    const name = h('button', { type: 'button', class: 'heard', title: sound.title, onclick: play }, `♪ ${sound.word}`);
    const cells = row.map((score, at) => {
      const words = text.matrix.cell(sound.word, (pictures[at] as Head).word, score);
      return cell({ score, words, isBest: at === best, play, stop: player.stop });
    });
    return h('tr', {}, h('th', { scope: 'row' }, name), ...cells);
  });
  return h(
    'table',
    {},
    h('caption', { class: 'visually-hidden' }, text.matrix.caption),
    h('thead', {}, head),
    h('tbody', {}, ...rows),
  );
}

function cell(of: { score: number; words: string; isBest: boolean; play: () => void; stop: () => void }): HTMLElement {
  const { score, isBest, play, stop } = of;
  const said = isBest ? `${of.words}, ${text.matrix.best}` : of.words;
  const button = h(
    'button',
    {
      type: 'button',
      class: isBest ? 'cell best' : 'cell',
      'aria-label': said,
      title: said,
      onclick: play,
      onmouseenter: play,
      onfocus: play,
      onmouseleave: stop,
      onblur: stop,
    },
    formatPercent(score),
  );
  button.dataset.score = String(score);
  button.style.setProperty('--score', String(score));
  return h('td', {}, button);
}
