import { writeAddress } from '../address.ts';
import type { App, Panel } from '../app.ts';
import { h } from '../dom.ts';
import { type Backend, backends } from '../engine/settings.ts';
import { judgedPart } from '../sound/sound.ts';
import { formatMilliseconds, text } from '../text.ts';
import { type Comparison, compareBackends } from './compare.ts';
import { asCurl, asFetch, type Question } from './copies.ts';
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
        backends.map((name) => [name, text.backends[name]] as const),
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
    const [sound, picture] = [app.sound.value, app.picture.value];
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
  return h('div', { class: 'scroll' }, button, table);
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

function copies(app: App): HTMLElement {
  const { engine, manifest } = app;
  const shown = h('textarea', { id: 'copied', readOnly: true, hidden: true, rows: 4, 'aria-label': text.hood.copied });
  const said = h('p', { class: 'quiet', id: 'copy-note', role: 'status' });

  const question = (): Question => ({
    base: new URL('.', document.baseURI).href,
    model: manifest.name,
    variant: engine.settings.variant,
    picture: app.picture.value,
    sound: app.sound.value,
  });
  const hasOwn = () => [app.picture.value, app.sound.value].some((chosen) => chosen && chosen.source.kind !== 'sample');
  async function copy(copied: string, note: string) {
    shown.value = copied;
    shown.hidden = false;
    const isCopied = await navigator.clipboard.writeText(copied).then(
      () => true,
      () => false,
    );
    said.textContent = `${isCopied ? `${text.hood.copied}.` : text.hood.notCopied} ${note}`;
  }
  const link = () => {
    const { query, isWhole } = writeAddress({
      model: manifest.name,
      settings: engine.settings,
      picture: app.picture.value,
      sound: app.sound.value,
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
      button('copy-curl', text.hood.copyCurl, () => copy(asCurl(question()), hasOwn() ? text.hood.ownFiles : '')),
      button('copy-fetch', text.hood.copyFetch, () => copy(asFetch(question()), hasOwn() ? text.hood.ownFiles : '')),
      button('copy-link', text.hood.copyLink, link),
    ),
    said,
    shown,
  );
}
