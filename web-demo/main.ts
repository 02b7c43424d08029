import { readAddress } from './address.ts';
import type { App } from './app.ts';
import { createChosen } from './chosen.ts';
import { createCredits } from './credits.ts';
import { isolate, keepPage } from './delivery/offline.ts';
import type { Desk } from './desk.ts';
import { byId, h } from './dom.ts';
import { startEngine } from './engine/client.ts';
import type { Shelf } from './engine/open.ts';
import { takeFiles } from './intake.ts';
import { createNotice } from './notice.ts';
import { panelsFor } from './panels.ts';
import type { Picture } from './picture/picture.ts';
import { createPictureSide } from './picture/side.ts';
import { placeFiles } from './placeFiles.ts';
import { samplePairs, samplesOf } from './samples.ts';
import { createSoundSide } from './sound/side.ts';
import type { Sound } from './sound/sound.ts';
import { createStatus } from './status.ts';
import { createTabs } from './tabs.ts';
import { text } from './text.ts';

const address = readAddress(location.search, crossOriginIsolated ? 'wasm-threads' : 'wasm');
await isolate();
const engine = startEngine(address.settings);
byId('status-place', HTMLElement).replaceWith(createStatus(engine));
/** What of a link or of dropped files was not understood. */
const notice = createNotice('page-error');
byId('notice-place', HTMLElement).replaceWith(notice.element);

// What is not needed for the first answer comes after it.
engine.idle().then(keepPage);

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
    picture: createChosen<Picture>(),
    sound: createChosen<Sound>(),
  };
  const app: App = {
    ...desk,
    sides: {
      picture: manifest.input.image ? createPictureSide(desk) : null,
      sound: manifest.input.audio ? createSoundSide(desk) : null,
    },
  };
  restore(app);
  describe(app);
  const entries = panelsFor(app, abilities);
  const tabs = createTabs(app, entries);
  const invitation = entries.some(({ id }) => id === 'video') ? text.drop.orVideo : text.drop.two;
  takeFiles(invitation, (taken) => placeFiles(taken, { app, entries, tabs, notice }));
}

/** What the address names, as far as the bundle has it; else a pair to begin with. */
function restore({ manifest, samples, sides }: App): void {
  const picture = samples.pictures.find(({ file }) => file === address.picture);
  const sound = samples.sounds.find(({ file }) => file === address.sound);
  const strokes = sides.picture?.draw && address.strokes;
  const lost = [
    ...address.lost,
    address.settings.model !== null && address.settings.model !== manifest.name && `model=${address.settings.model}`,
    address.picture !== null && !picture && `picture=${address.picture}`,
    address.sound !== null && !sound && `sound=${address.sound}`,
  ].filter((part) => part !== false);
  if (lost.length > 0) notice.show(new Error(text.lostInLink(lost)));
  if (picture) sides.picture?.openSample(picture);
  if (strokes) sides.picture?.draw?.(strokes);
  if (sound) sides.sound?.openSample(sound, { play: false, startSeconds: address.startSeconds });
  if (picture || sound || strokes) return;
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
  chooser.disabled = false;
  // Back from another model's page, browsers show the one that was left.
  addEventListener('pageshow', () => (chooser.value = manifest.name));
  chooser.onchange = () => {
    // Another bundle is another page: its pictures, words and examples are others.
    location.assign(`?${new URLSearchParams({ model: chooser.value })}${location.hash}`);
  };
}
