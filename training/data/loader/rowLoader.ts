import { Random } from '#core/random.ts';
import { createShardReader, type ShardReader } from '#node/datasets/shardReader.ts';
import type { PicturePlace, Row, Slot, SoundPlace, WorkerSetup } from './protocol.ts';
import { writeSound } from './sound.ts';
import { type PictureOptions, writePicture } from './writePicture.ts';

const wavHeaderBytes = 44;

/** Writes rows of batches: reads, decodes and augments one sound, one picture at a time. */
export function createRowLoader(setup: WorkerSetup): (row: Row, slot: Slot) => Promise<void> {
  const { samples, image, augmentation } = setup;
  const reader = createShardReader(setup.shards);
  const seeds = new Random(setup.seed);
  const [soundSeed, pictureSeed] = [seeds.uint32(), seeds.uint32()];
  const pcm = new Int16Array(samples ?? 0);

  const loadSound = (sound: SoundPlace, window: Float32Array, random: Random) =>
    writeSound(readSound(reader, sound, pcm), window, { rollSamples: sound.rollSamples, augmentation, random });

  const loadPicture = async (picture: PicturePlace, target: Uint8ClampedArray, options: PictureOptions) => {
    const jpeg = readPicture(reader, picture);
    try {
      await writePicture(jpeg, target, options);
    } catch (cause) {
      throw reader.damaged(picture.shard, `a picture of clip ${picture.key}`, (cause as Error).message);
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

/** Reads the window alone. @param pcm `[N]`, written over. @returns its samples; fewer than N where the sound is shorter. */
function readSound(reader: ShardReader, { key, shard, member, startSample }: SoundPlace, pcm: Int16Array): Int16Array {
  const what = `the sound of clip ${key}`;
  const header = Buffer.alloc(wavHeaderBytes);
  reader.read(shard, member.offset, header, what);
  const isWav = header.toString('latin1', 0, 4) === 'RIFF' && header.toString('latin1', 36, 40) === 'data';
  if (!isWav || header.readUInt32LE(40) !== member.bytes - wavHeaderBytes)
    throw reader.damaged(shard, what, 'it is no wav file');
  const window = pcm.subarray(0, Math.min(pcm.length, (member.bytes - wavHeaderBytes) / 2 - startSample));
  const bytes = new Uint8Array(window.buffer, 0, window.byteLength);
  reader.read(shard, member.offset + wavHeaderBytes + 2 * startSample, bytes, what);
  return window;
}

function readPicture(reader: ShardReader, { key, shard, member }: PicturePlace): Uint8Array {
  const jpeg = new Uint8Array(member.bytes);
  reader.read(shard, member.offset, jpeg, `a picture of clip ${key}`);
  return jpeg;
}
