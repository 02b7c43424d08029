import { expectAble } from '#core/bundle/abilities.ts';
import type { BundleManifest, Example } from '#core/bundle/manifest.ts';
import { createMatcher } from '#core/bundle/matcher.ts';
import { InputError } from '#core/errors.ts';
import { decodeAudio } from '#core/media/audio.ts';
import { prepareImage } from '#core/media/image.ts';
import { writeAtomically } from '#node/atomic.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { readListed } from '#node/bundle/readManifest.ts';
import { scoreTable } from '#node/charts/scoreTable.ts';
import { decodePicture, encodeJpeg } from '#node/media/picture.ts';

/** A bundle's examples beside each other. */
export interface DrawnScores {
  subjects: string[];
  /** `[pictures][sounds]`, both in the order of the subjects. */
  scores: number[][];
}

const thumbnail = 144; // pixels

/**
 * Draws one example of each subject that a bundle has a picture and a sound of: pictures × sounds, with their scores.
 *
 * @param file SVG, written over.
 * @throws {InputError} for a bundle that does not match, or has no subject on both sides.
 */
export async function drawScores(folder: string, file: string): Promise<DrawnScores> {
  const bundle = await openBundleFolder(folder);
  try {
    const { manifest } = bundle;
    expectAble(manifest, 'match');
    const { audio, image } = manifest.input;
    if (!audio || !image)
      throw new InputError(`Expected a bundle that hears and sees but "${manifest.name}" does not.`);
    const { sounds, pictures } = oneOfEach(manifest);
    const read = (entry: Example) => readListed(folder, entry);
    const matcher = createMatcher(bundle);
    const heard = [];
    for (const sound of sounds) {
      heard.push(await matcher.embedAudio(await decodeAudio(await read(sound), { sampleRate: audio.sampleRate })));
    }
    const seen = [];
    const jpegs: Uint8Array[] = [];
    for (const picture of pictures) {
      const pixels = await decodePicture(await read(picture));
      seen.push(await matcher.embedImage(prepareImage(pixels, image)));
      const square = { width: thumbnail, height: thumbnail };
      const shown = { data: prepareImage(pixels, { ...square, shortSide: thumbnail }), ...square };
      jpegs.push(await encodeJpeg(shown, 80));
    }
    const matches = await matcher.scoreMatrix(heard, seen);
    const scores = matches.map((row) => row.map(({ score }) => score));
    const svg = scoreTable({
      title: 'Do they belong together?',
      credits: creditsOf([...pictures, ...sounds]),
      columns: sounds,
      rows: pictures.map(({ subject }, i) => ({ subject, jpeg: jpegs[i] as Uint8Array })),
      scores,
    });
    await writeAtomically(file, svg);
    return { subjects: sounds.map(({ subject }) => subject), scores };
  } finally {
    await bundle.release();
  }
}

/** Each once: several examples may be one person's. */
function creditsOf(examples: Example[]): string[] {
  return [...new Set(examples.map(({ credit, licence }) => [credit, licence].filter(Boolean).join(', ')))];
}

/** The first sound and the first picture of each subject that has both. */
function oneOfEach({ name, examples }: BundleManifest): { sounds: Example[]; pictures: Example[] } {
  const { sounds = [], pictures = [] } = examples ?? {};
  const pairs = [...new Set(sounds.map(({ subject }) => subject))].flatMap((subject) => {
    const of = (list: Example[]) => list.find((example) => example.subject === subject);
    const [sound, picture] = [of(sounds), of(pictures)];
    return sound && picture ? [{ sound, picture }] : [];
  });
  if (pairs.length === 0) {
    throw new InputError(
      `Expected examples of one subject to be heard and seen but "${name}" has none. Add some: npx clapper export --bundle FOLDER --examples FOLDER`,
      'not_found',
    );
  }
  return { sounds: pairs.map(({ sound }) => sound), pictures: pairs.map(({ picture }) => picture) };
}
