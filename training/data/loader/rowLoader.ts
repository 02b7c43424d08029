import { Random } from '#core/random.ts';
import type { Row, Slot, WorkerSetup } from './protocol.ts';
import { createShardReader, type ShardReader } from './shardReader.ts';
import { writeSound } from './sound.ts';
import { writePicture } from './writePicture.ts';

const wavHeaderBytes = 44;

/** Writes rows of batches: reads, decodes and augments one sound and one picture at a time. */
export function createRowLoader(setup: WorkerSetup): (row: Row, slot: Slot) => Promise<void> {
  const { samples, image, augmentation } = setup;
  const reader = createShardReader(setup.shards);
  const pictureBytes = image.height * image.width * 3;
  const seeds = new Random(setup.seed);
  const [soundSeed, pictureSeed] = [seeds.uint32(), seeds.uint32()];
  const pcm = new Int16Array(samples);

  return async (row, { waveforms, pictures }) => {
    const window = new Float32Array(waveforms, 4 * row.row * samples, samples);
    writeSound(readSound(reader, row.sound, pcm), window, augmentation, new Random(soundSeed, row.stream));
    const target = new Uint8ClampedArray(pictures, row.row * pictureBytes, pictureBytes);
    const random = new Random(pictureSeed, row.stream);
    const jpeg = readPicture(reader, row.picture);
    try {
      await writePicture(jpeg, target, { image, augmentation, random });
    } catch (cause) {
      throw reader.damaged(row.picture.shard, `a picture of clip ${row.picture.key}`, (cause as Error).message);
    }
  };
}

/** Reads the window alone. @param pcm `[N]`, written over. @returns its samples; fewer than N where the sound is shorter. */
function readSound(
  reader: ShardReader,
  { key, shard, member, startSample }: Row['sound'],
  pcm: Int16Array,
): Int16Array {
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

function readPicture(reader: ShardReader, { key, shard, member }: Row['picture']): Uint8Array {
  const jpeg = new Uint8Array(member.bytes);
  reader.read(shard, member.offset, jpeg, `a picture of clip ${key}`);
  return jpeg;
}
