import { startEngine } from './engine/client.ts';
import { type Example, examplePairs, loadExample, loadExamples, showExamples } from './examples.ts';
import { describeFacts } from './facts.ts';
import { latest } from './latest.ts';
import { byId } from './page.ts';
import { createPicturePanel } from './picture/panel.ts';
import { createSoundPanel } from './sound/panel.ts';
import type { Sound } from './sound/sound.ts';
import { createVerdict } from './verdict.ts';

const verdict = createVerdict();
const engine = startEngine({
  server: new URL('.', document.baseURI).href,
  onProgress: verdict.opening,
});

let isOpen = false;
let seen: Uint8Array | null = null;
let heard: Sound | null = null;

const judge = latest(
  async () => {
    if (!isOpen) return;
    const match = seen && heard && (await engine.match(heard, seen));
    if (match) verdict.show(match);
    else verdict.waitFor({ picture: !seen, sound: !heard });
    sound.showMatch(match);
  },
  (error) => verdict.failed('No verdict', error),
);

const picture = createPicturePanel(engine, (next) => {
  seen = next;
  judge();
});
const sound = createSoundPanel(engine, (next) => {
  heard = next;
  judge();
});

engine.facts().then(
  (facts) => {
    isOpen = true;
    describeFacts(facts);
    judge();
  },
  (error) => verdict.failed('The model did not load', error),
);

const examples = await loadExamples();
const showPicture = (example: Example) => picture.open(loadExample(example));
const showSound = (example: Example) => sound.open(loadExample(example), { play: true });
showExamples(byId('picture-examples', HTMLElement), examples.pictures, showPicture);
showExamples(byId('sound-examples', HTMLElement), examples.sounds, showSound);

const pairs = examplePairs(examples);
const examplePair = byId('example-pair', HTMLButtonElement);
examplePair.disabled = false;
examplePair.addEventListener('click', () => {
  const pair = pairs.next().value;
  showPicture(pair.picture);
  showSound(pair.sound);
});
