import { h } from '../dom.ts';
import { type Pair, wordFor } from '../samples.ts';
import { text } from '../text.ts';

/** Pairs of samples that belong together and pairs that do not; a press runs one. */
export function createGallery(pairs: Pair[], onPick: (pair: Pair) => void): HTMLElement {
  const cards = pairs.map((pair) => {
    const { picture, sound, matches } = pair;
    const kind = matches ? text.gallery.match : text.gallery.mismatch;
    const image = h('img', { src: picture.url, alt: picture.title, loading: 'lazy', width: 64, height: 64 });
    return h(
      'li',
      {},
      h(
        'button',
        {
          type: 'button',
          class: 'pair',
          onclick: () => onPick(pair),
          title: text.gallery.pair(picture.title, sound.title),
        },
        image,
        h('span', { class: 'what' }, h('b', {}, `♪ ${wordFor(sound.subject)}`), h('small', {}, kind)),
      ),
    );
  });
  return h(
    'section',
    { id: 'gallery', 'aria-labelledby': 'gallery-title', hidden: pairs.length === 0 },
    h('h2', { id: 'gallery-title' }, text.gallery.title),
    h('ul', {}, ...cards),
  );
}
