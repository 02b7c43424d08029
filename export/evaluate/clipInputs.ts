import { cannot } from '#core/bundle/abilities.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { damagedFile, pictureFile, readPicture, readWaveform, samplesIn, soundFile } from '#core/datasets/clipFiles.ts';
import { fixedPairStart } from '#core/datasets/fixedPairs.ts';
import type { IndexLine, PreparedDataset, TarMember } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { prepareImage } from '#core/media/image.ts';
import { audioWindows, centreInWindow } from '#core/media/windows.ts';
import { shardPaths } from '#node/datasets/preparedSplit.ts';
import { openShards } from '#node/datasets/shards.ts';
import { decodePicture } from '#node/media/picture.ts';

/** A prepared dataset's clips as a bundle's graphs take them: sounds `[N]` float32, pictures RGB uint8 `[H, W, 3]`. */
export interface ClipInputs {
  /** The second from `startSeconds` on, in one window. */
  second(line: IndexLine, startSeconds: number): Promise<Float32Array[]>;
  /** In windows. */
  wholeSound(line: IndexLine): Promise<Float32Array[]>;
  picture(line: IndexLine, index: number): Promise<Uint8Array[]>;
  allPictures(line: IndexLine): Promise<Uint8Array[]>;
}

/** Its methods throw an {@link InputError} for what the bundle does not take, another rate than the bundle's, and damaged files. */
export function clipInputs(
  manifest: BundleManifest,
  { folder, info }: { folder: string; info: PreparedDataset },
): ClipInputs {
  const shards = openShards(shardPaths(folder, info));
  const audioInput = () => {
    const { audio } = manifest.input;
    if (!audio) throw cannot(manifest, 'embed-audio');
    if (audio.sampleRate === info.sampleRate) return audio;
    throw new InputError(
      `Expected a dataset at ${audio.sampleRate} Hz, as "${manifest.name}" hears, but ${folder} is at ${info.sampleRate} Hz. ` +
        `Prepare it again with --sample-rate ${audio.sampleRate}.`,
    );
  };
  const pictureOf = async (line: IndexLine, index: number) => {
    const { image } = manifest.input;
    if (!image) throw cannot(manifest, 'embed-image');
    const file = pictureFile(line, index);
    const pixels = await decodePicture(readPicture(shards, file)).catch((cause) => {
      throw damagedFile(shards, file, cause.message);
    });
    return prepareImage(pixels, image);
  };
  return {
    async second(line, startSeconds) {
      const { sampleRate, samples } = audioInput();
      const soundSamples = samplesIn(line.sound as TarMember);
      const startSample = fixedPairStart(startSeconds, { sampleRate, samples, soundSamples });
      return [centreInWindow(readWaveform(shards, soundFile(line), { startSample, samples }), samples)];
    },
    async wholeSound(line) {
      const input = audioInput();
      return audioWindows(readWaveform(shards, soundFile(line)), input).map(({ samples }) => samples);
    },
    picture: async (line, index) => [await pictureOf(line, index)],
    allPictures: (line) => Promise.all(line.pictures.map((_, index) => pictureOf(line, index))),
  };
}
