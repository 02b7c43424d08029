import { readAddress } from './address.ts';
import type { App, Panel } from './app.ts';
import { createCredits } from './credits.ts';
import { inTime } from './delivery/inTime.ts';
import { isolate, keepPage } from './delivery/offline.ts';
import type { Desk } from './desk.ts';
import { byId, h } from './dom.ts';
import { startEngine } from './engine/client.ts';
import type { Shelf } from './engine/open.ts';
import { takeFiles } from './intake.ts';
import { createNotice } from './notice.ts';
import { type PanelEntry, panelsFor } from './panels.ts';
import { createPictureSide } from './picture/side.ts';
import { samplePairs, samplesOf } from './samples.ts';
import { createSoundSide } from './sound/side.ts';
import { createStatus } from './status.ts';
import { createStore } from './store.ts';
import { text } from './text.ts';

const address = readAddress(location.search, crossOriginIsolated ? 'wasm-threads' : 'wasm');
await isolate();
const engine = startEngine(address.settings);
byId('status-place', HTMLElement).replaceWith(createStatus(engine));

// What is not needed for the first answer comes after it.
engine.state.watch(({ kind }) => kind === 'ready' && keepPage());

let isOpen = false;
engine.shelf.watch((shelf) => {
  if (shelf && !isOpen) open(shelf);
});

/** What was drawn with the digits of MNIST: their size is theirs alone. */
function drawsDigits({ manifest }: Shelf): boolean {
  return manifest.input.image?.width === 28 && manifest.input.image.height === 28;
}

function open(shelf: Shelf): void {
  isOpen = true;
  const { models, manifest, abilities } = shelf;
  const desk: Desk = {
    models,
    manifest,
    samples: samplesOf(manifest),
    draws: drawsDigits(shelf),
    engine,
    picture: createStore<Desk['picture']['value']>(null),
    sound: createStore<Desk['sound']['value']>(null),
  };
  const app: App = {
    ...desk,
    sides: {
      picture: manifest.input.image ? createPictureSide(desk) : null,
      sound: manifest.input.audio ? createSoundSide(desk) : null,
    },
    video: createStore<File | null>(null),
  };
  const panels = panelsFor(app, abilities);
  restore(app);
  describe(app);
  showPanels(app, panels);
  takeFiles({
    onPicture: (file) => app.sides.picture?.open(file, file.name),
    onSound: (file) => app.sides.sound?.open(file, file.name, { play: true }),
    onVideo: panels.some(({ id }) => id === 'video')
      ? (file) => {
          app.video.set(file);
          location.hash = '#video';
        }
      : undefined,
    onOther: (error) => (app.sides.sound ?? app.sides.picture)?.refuse(error),
  });
}

/** What the address names, if the bundle still has it; else a pair to begin with. */
function restore({ samples, sides }: App): void {
  const picture = samples.pictures.find(({ file }) => file === address.picture);
  const sound = samples.sounds.find(({ file }) => file === address.sound);
  if (picture) sides.picture?.openSample(picture);
  if (address.strokes) sides.picture?.draw(address.strokes);
  if (sound) sides.sound?.openSample(sound, { play: false, startSeconds: address.startSeconds });
  if (picture || sound || address.strokes) return;
  const [first] = samplePairs(samples);
  if (first) sides.picture?.openSample(first.picture);
  if (first) sides.sound?.openSample(first.sound);
}

function describe({ models, manifest, samples, draws, engine }: App): void {
  const intro = byId('intro', HTMLElement);
  engine.state.watch(() => {
    const place = engine.settings.backend === 'server' ? text.intro.server : text.intro.private;
    intro.textContent = `${draws ? text.intro.digits : text.intro.photos} ${place}`;
  });
  const credits = createCredits(samples);
  if (credits) byId('credits', HTMLElement).replaceWith(credits);
  const chooser = byId('model', HTMLSelectElement);
  chooser.replaceChildren(
    ...models.map(({ name }) => h('option', { value: name, selected: name === manifest.name }, name)),
  );
  chooser.onchange = () => {
    // Another bundle is another page: its pictures, words and examples are others.
    location.assign(`?${new URLSearchParams({ model: chooser.value })}${location.hash}`);
  };
}

function showPanels(app: App, entries: PanelEntry[]): void {
  const place = byId('panels', HTMLElement);
  const tabs = byId('tabs', HTMLElement);
  const links = entries.map(({ id, title }) => h('a', { href: `#${id}` }, title));
  tabs.replaceChildren(...links);
  const made = new Map<string, Promise<Panel>>();
  let shown: Panel | null = null;

  const chosen = () => entries.find(({ id }) => `#${id}` === location.hash) ?? (entries[0] as PanelEntry);

  async function show() {
    const entry = chosen();
    for (const [i, link] of links.entries()) link.ariaCurrent = entries[i] === entry ? 'page' : null;
    links[entries.indexOf(entry)]?.scrollIntoView({ block: 'nearest', inline: 'nearest' }); // on a phone the row is longer than the screen
    const making = made.get(entry.id) ?? Promise.resolve(entry.create(app));
    made.set(entry.id, making);
    const panel = await inTime(making).catch(() => {
      made.delete(entry.id);
      return missing(entry.title);
    });
    if (panel === shown || entry !== chosen()) return;
    shown?.leave?.();
    shown = panel;
    place.replaceChildren(panel.element);
    panel.enter?.();
  }
  /** In place of a panel that did not come. */
  function missing(title: string): Panel {
    const notice = createNotice('panel-error');
    notice.show(new Error(text.noPart(title)), show);
    return { element: notice.element };
  }

  addEventListener('hashchange', show);
  show();
}
