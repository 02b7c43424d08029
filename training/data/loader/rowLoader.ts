import { decode } from '@cwasm/jpeg-turbo';
import { prepareImage } from '#core/media/image.ts';
import { Random } from '#core/random.ts';
import { drawCut, type Raster, writeCut } from './picture.ts';
import type { Row, Slot, WorkerSetup } from './protocol.ts';
import { createShardReader, type ShardReader } from './shardReader.ts';
import { writeSound } from './sound.ts';

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
    const target = new Uint8Array(pictures, row.row * pictureBytes, pictureBytes);
    const picture = await atShortSide(readPicture(reader, row.picture), image);
    const cut = drawCut(picture, image, augmentation, new Random(pictureSeed, row.stream));
    writeCut(picture, cut, image, target);
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

function readPicture(reader: ShardReader, { key, shard, member }: Row['picture']): Raster {
  const what = `a picture of clip ${key}`;
  const jpeg = new Uint8Array(member.bytes);
  reader.read(shard, member.offset, jpeg, what);
  try {
    const { data, width, height } = decode(jpeg);
    return { data, width, height, channels: 4 };
  } catch (cause) {
    throw reader.damaged(shard, what, (cause as Error).message);
  }
}

/** Nearly every picture was prepared at the short side that the model wants; a smaller one is enlarged as everywhere else. */
async function atShortSide(picture: Raster, { shortSide }: WorkerSetup['image']): Promise<Raster> {
  const scale = shortSide / Math.min(picture.width, picture.height);
  if (scale === 1) return picture;
  const size = { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) };
  const input = { ...size, shortSide, resizer: 'pica/lanczos3', background: 'white' } as const;
  return { data: await prepareImage(picture, input), ...size, channels: 3 };
}
