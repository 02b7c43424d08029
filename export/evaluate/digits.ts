import { cannot } from '#core/bundle/abilities.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { digitImageSize, digitLabels, digitPicture, digitsSampleRate, readDigits } from '#core/datasets/digits.ts';
import { InputError } from '#core/errors.ts';
import { centreInWindow } from '#core/media/windows.ts';
import { readFrom } from '#node/files.ts';
import type { Item, PairItem, Part, TestSet } from './testSet.ts';

/**
 * The digits that the repository carries: the middle of each recording, and each image.
 *
 * @throws {InputError} for a bundle made for other rates or sizes than the digits'.
 */
export async function openDigits(
  folder: string,
  manifest: BundleManifest,
  { split = 'test', fold }: Part,
): Promise<TestSet> {
  const { audio, image } = manifest.input;
  if (!audio || !image) throw cannot(manifest, 'match');
  if (audio.sampleRate !== digitsSampleRate || image.width !== digitImageSize || image.height !== digitImageSize) {
    throw new InputError(
      `Expected a bundle for ${digitsSampleRate} Hz and ${digitImageSize} × ${digitImageSize} pixels, as the digits are, ` +
        `but "${manifest.name}" takes ${audio.sampleRate} Hz and ${image.width} × ${image.height}. ` +
        'Name the dataset that it is for with --dataset.',
    );
  }
  if (fold !== undefined) {
    throw new InputError(`Expected --split test or validation: the digits have no folds, and so no fold ${fold}.`);
  }
  const { recordings, images, pairs } = await readDigits(readFrom(folder), split);
  const sounds = recordings.map(({ name, digit, waveform }) => ({
    source: name,
    label: String(digit),
    read: async () => [centreInWindow(waveform, audio.samples)],
  }));
  const pictures = images.map((digitImage, i) => ({
    source: `image ${i}`,
    label: String(digitImage.digit),
    read: async () => [digitPicture(digitImage)],
  }));
  const list = pairs.map(({ recording, image, corresponds }) => ({ sound: recording, picture: image, corresponds }));
  return {
    split,
    fold: null,
    pairs: { sounds: sounds.map(uncategorised), pictures: pictures.map(uncategorised), list },
    sounds: { labels: digitLabels, items: sounds },
    pictures: { labels: digitLabels, items: pictures },
  };
}

/** Ten digits are too few to choose one of ten. */
function uncategorised<Input>({ source, read }: Item<Input>): PairItem<Input> {
  return { source, read, categories: [] };
}
