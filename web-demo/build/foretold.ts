import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { abilitiesOf } from '#core/bundle/abilities.ts';
import { type AudioInput, type BundleManifest, type ImageInput, parseManifest } from '#core/bundle/manifest.ts';
import { createMatcher } from '#core/bundle/matcher.ts';
import { decodeAudio } from '#core/media/audio.ts';
import { prepareImage } from '#core/media/image.ts';
import { makeAtomically } from '#node/atomic.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { cacheFolder } from '#node/cacheFolder.ts';
import { decodePicture } from '#node/media/picture.ts';
import { type Foretold, foretoldKey } from '../match/foretoldKey.ts';
import { samplePairs, samplesOf } from '../samples.ts';

const module = 'virtual:foretold';
const resolved = `\0${module}`;

/**
 * The scores of every published bundle's sample pairs, as a module of the page: so that it shows an answer before the model is there. What was
 * computed once is kept by the bundle's manifest.
 */
export function foretold(models: string): Plugin {
  return {
    name: 'clapper-foretold',
    resolveId: (id) => (id === module ? resolved : undefined),
    async load(id) {
      if (id !== resolved) return;
      const scores: Foretold = {};
      for (const name of (await readdir(models)).sort()) {
        const file = join(models, name, 'manifest.json');
        if (existsSync(file)) Object.assign(scores, await scoresOf(join(models, name), await readFile(file, 'utf8')));
      }
      return `export default ${JSON.stringify(scores)};`;
    },
  };
}

async function scoresOf(folder: string, json: string): Promise<Foretold> {
  const manifest = parseManifest(json, folder);
  if (!manifest.examples || !abilitiesOf(manifest).includes('match')) return {};
  const kept = join(cacheFolder(), 'foretold', `${createHash('sha256').update(json).digest('hex')}.json`);
  if (existsSync(kept)) return JSON.parse(await readFile(kept, 'utf8'));
  const scores = await judge(folder, manifest);
  await mkdir(join(kept, '..'), { recursive: true });
  await makeAtomically(kept, (unfinished) => writeFile(unfinished, JSON.stringify(scores)));
  return scores;
}

async function judge(folder: string, manifest: BundleManifest): Promise<Foretold> {
  const bundle = await openBundleFolder(folder, { threads: 1 });
  const matcher = createMatcher(bundle);
  const audio = manifest.input.audio as AudioInput;
  const image = manifest.input.image as ImageInput;
  const scores: Foretold = {};
  for (const { sound, picture } of samplePairs(samplesOf(manifest))) {
    const waveform = await decodeAudio(await readFile(join(folder, sound.file)), {
      sampleRate: audio.sampleRate,
      maxSeconds: 120,
    });
    const pixels = prepareImage(await decodePicture(await readFile(join(folder, picture.file))), image);
    const { score } = await matcher.score(await matcher.embedAudio(waveform), await matcher.embedImage(pixels));
    scores[foretoldKey(manifest, { sound, picture })] = score;
  }
  await bundle.release();
  return scores;
}
