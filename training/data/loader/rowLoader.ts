import { type ClipFile, damagedFile, readPicture, readSamples } from '#core/datasets/clipFiles.ts';
import { Random } from '#core/random.ts';
import { openShards } from '#node/datasets/shards.ts';
import type { Row, Slot, SoundPlace, WorkerSetup } from './protocol.ts';
import { writeSound } from './sound.ts';
import { type PictureOptions, writePicture } from './writePicture.ts';

/** Writes rows of batches: reads, decodes and augments one sound, one picture at a time. */
export function createRowLoader(setup: WorkerSetup): (row: Row, slot: Slot) => Promise<void> {
  const { samples, image, augmentation } = setup;
  const shards = openShards(setup.shards);
  const seeds = new Random(setup.seed);
  const [soundSeed, pictureSeed] = [seeds.uint32(), seeds.uint32()];
  const pcm = new Int16Array(samples ?? 0);

  const loadSound = ({ file, startSample, rollSamples }: SoundPlace, window: Float32Array, random: Random) =>
    writeSound(readSamples(shards, file, startSample, pcm), window, { rollSamples, augmentation, random });

  const loadPicture = async (file: ClipFile, target: Uint8ClampedArray, options: PictureOptions) => {
    const jpeg = readPicture(shards, file);
    try {
      await writePicture(jpeg, target, options);
    } catch (cause) {
      throw damagedFile(shards, file, (cause as Error).message);
    }
  };

  return async ({ row, stream, sound, picture }, { waveforms, pictures }) => {
    if (sound && samples) {
      const window = new Float32Array(waveforms, 4 * row * samples, samples);
      loadSound(sound, window, new Random(soundSeed, stream));
    }
    if (picture && image) {
      const bytes = image.height * image.width * 3;
      const target = new Uint8ClampedArray(pictures, row * bytes, bytes);
      await loadPicture(picture, target, { image, augmentation, random: new Random(pictureSeed, stream) });
    }
  };
}
