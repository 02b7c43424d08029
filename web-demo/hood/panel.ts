import { writeAddress } from '../address.ts';
import type { App, Panel } from '../app.ts';
import { h } from '../dom.ts';
import type { Backend } from '../engine/settings.ts';
import type { Picture } from '../picture/picture.ts';
import { judgedPart, type Sound } from '../sound/sound.ts';
import { formatMilliseconds, text } from '../text.ts';
import { type Comparison, compareBackends } from './compare.ts';
import { asCurl, asFetch, type Question } from './copies.ts';
import { canAnswer, hostBackends } from './host.ts';
import { createKept } from './kept.ts';

type Variant = App['engine']['settings']['variant'];

/** What runs here, by what, how true it is, and how to ask it from elsewhere. */
export function createHoodPanel(app: App): Panel {
  const words = text.hood;
  return {
    element: h(
      'section',
      { class: 'card hood', 'aria-label': text.panels.hood },
      choices(app),
      h('p', { class: 'quiet' }, app.manifest.description),
      createKept(app),
      comparison(app),
      copies(app),
      opening(app),
    ),
  };

  function opening({ engine }: App): HTMLElement {
    const said = h('p', { class: 'quiet', id: 'opening-time' });
    engine.state.watch((state) => {
      said.textContent = state.kind === 'ready' ? words.opening(state.facts.openingMs) : '';
    });
    return said;
  }
}

function choices({ engine, manifest }: App): HTMLElement {
  const variants = Object.keys(manifest.variants) as Variant[];
  const select = <T extends string>(
    id: string,
    options: readonly (readonly [T, string])[],
    value: T,
    onChoose: (value: T) => void,
  ) => {
    const element = h('select', { id, onchange: () => onChoose(element.value as T) });
    element.append(...options.map(([value, name]) => h('option', { value }, name)));
    element.value = value;
    return element;
  };
  const { variant, backend } = engine.settings;
  return h(
    'div',
    { class: 'choices' },
    h(
      'label',
      {},
      text.hood.variant,
      select(
        'variant',
        variants.map((name) => [name, name] as const),
        variant,
        (variant) => engine.restart({ variant }),
      ),
    ),
    h(
      'label',
      {},
      text.hood.backend,
      select<Backend>(
        'backend',
        hostBackends.map((name) => [name, text.backends[name]] as const),
        backend,
        (backend) => engine.restart({ backend }),
      ),
    ),
  );
}

function comparison(app: App): HTMLElement {
  const { engine, manifest } = app;
  const rows = h('tbody');
  const table = h(
    'table',
    { id: 'comparison', class: 'comparison', hidden: true },
    h('thead', {}, h('tr', {}, ...text.hood.columns.map((column) => h('th', { scope: 'col' }, column)))),
    rows,
  );
  const button = h('button', { type: 'button', id: 'compare' }, text.hood.compare);
  button.onclick = async () => {
    button.disabled = true;
    button.textContent = text.hood.comparing;
    rows.replaceChildren();
    table.hidden = false;
    const { picture, sound } = await settledPair(app);
    const samples = manifest.input.audio?.samples ?? 0;
    const pair = sound &&
      picture && { sound: judgedPart(sound, samples), picture: { id: picture.id, image: picture.image } };
    let reference: number | null = null;
    const settings = { ...engine.settings, model: manifest.name };
    for await (const measured of compareBackends(settings, pair)) {
      if (!('error' in measured)) reference ??= measured.score;
      rows.append(row(measured, reference));
    }
    button.textContent = text.hood.compare;
    button.disabled = false;
  };
  const sends = canAnswer && h('p', { class: 'quiet', id: 'compare-note' }, text.hood.compareSends);
  return h('div', { class: 'scroll' }, button, sends, table);
}

/** @param reference the first backend's score. */
function row(measured: Comparison, reference: number | null): HTMLElement {
  const name = h('th', { scope: 'row' }, text.backends[measured.backend]);
  if ('error' in measured)
    return h('tr', { 'data-backend': measured.backend }, name, h('td', { colSpan: 4 }, measured.error));
  const { golden, score, milliseconds } = measured;
  const difference = score === null || reference === null ? '' : Math.abs(score - reference).toExponential(1);
  const cells = [
    text.hood.passed(golden),
    score === null ? '' : score.toFixed(6),
    difference,
    milliseconds === null ? '' : formatMilliseconds(milliseconds),
  ];
  return h('tr', { 'data-backend': measured.backend }, name, ...cells.map((cell) => h('td', {}, cell)));
}

/** What is chosen, when it has come; what did not come is missing. */
async function settledPair({ picture, sound }: App): Promise<{ picture: Picture | null; sound: Sound | null }> {
  const orNone = <T>(coming: Promise<T | null>) => coming.catch(() => null);
  return { picture: await orNone(picture.settled()), sound: await orNone(sound.settled()) };
}

function copies(app: App): HTMLElement {
  const { engine, manifest } = app;
  const shown = h('textarea', { id: 'copied', readOnly: true, hidden: true, rows: 4, 'aria-label': text.hood.copied });
  const said = h('p', { class: 'quiet', id: 'copy-note', role: 'status' });

  async function ask(write: (question: Question) => string): Promise<void> {
    const pair = await settledPair(app);
    const { picture, sound } = pair;
    const hasOwn = [picture, sound].some((chosen) => chosen?.source.kind !== 'sample');
    const question = {
      base: new URL('.', document.baseURI).href,
      model: manifest.name,
      variant: engine.settings.variant,
      ...pair,
    };
    const isPart = sound !== null && sound.startSeconds !== null;
    const notes = [hasOwn && text.hood.ownFiles, isPart && text.hood.wholeSound].filter((note) => note !== false);
    await copy(write(question), notes.join(' '));
  }
  async function copy(copied: string, note: string) {
    shown.value = copied;
    shown.hidden = false;
    const { clipboard } = navigator as Partial<Navigator>; // none over plain HTTP from another machine
    const isCopied = await clipboard?.writeText(copied).then(
      () => true,
      () => false,
    );
    said.textContent = `${isCopied ? `${text.hood.copied}.` : text.hood.notCopied} ${note}`;
  }
  const link = async () => {
    const { query, isWhole } = writeAddress({
      model: manifest.name,
      settings: engine.settings,
      ...(await settledPair(app)),
    });
    return copy(new URL(query, document.baseURI).href, isWhole ? '' : text.hood.ownLink);
  };
  const button = (id: string, name: string, onclick: () => void) => h('button', { type: 'button', id, onclick }, name);
  return h(
    'div',
    { class: 'copies' },
    h(
      'div',
      { class: 'row' },
      canAnswer && button('copy-curl', text.hood.copyCurl, () => ask(asCurl)),
      canAnswer && button('copy-fetch', text.hood.copyFetch, () => ask(asFetch)),
      button('copy-link', text.hood.copyLink, link),
    ),
    said,
    shown,
  );
}
