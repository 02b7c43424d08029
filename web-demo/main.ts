import { startEngine } from './engine/client.ts';
import { examplePairs, loadExample, loadExamples, showExamples } from './examples.ts';
import { describeFacts } from './facts.ts';
import { latest } from './latest.ts';
import { byId } from './page.ts';
import { createPicturePanel } from './picture/panel.ts';
import { createSoundPanel } from './sound/panel.ts';
import { createVerdict } from './verdict.ts';

const verdict = createVerdict();
const engine = startEngine({
  server: new URL('.', document.baseURI).href,
  onProgress: verdict.opening,
});

let isOpen = false;
let image: Uint8Array | null = null;
let waveform: Float32Array | null = null;

const judge = latest(
  async () => {
    if (!isOpen) return;
    const match = image && waveform && (await engine.match(waveform, image));
    if (match) verdict.show(match);
    else verdict.waitFor({ picture: !image, sound: !waveform });
    sound.showMatch(match);
  },
  (error) => verdict.failed('No verdict', error),
);

const picture = createPicturePanel(engine, (seen) => {
  image = seen;
  judge();
});
const sound = createSoundPanel(engine, (heard) => {
  waveform = heard;
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
showExamples(byId('picture-examples', HTMLElement), examples.pictures, async (example) =>
  picture.open(await loadExample(example)),
);
showExamples(byId('sound-examples', HTMLElement), examples.sounds, async (example) =>
  sound.open(await loadExample(example), { play: true }),
);
const pairs = examplePairs(examples);
const examplePair = byId('example-pair', HTMLButtonElement);
examplePair.disabled = false;
examplePair.addEventListener('click', async () => {
  const pair = pairs.next().value;
  await Promise.all([
    picture.open(await loadExample(pair.picture)),
    sound.open(await loadExample(pair.sound), { play: true }),
  ]);
});
