import { open } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { IndexLine, PreparedDataset, TarMember } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import type { Pixels } from '#core/media/image.ts';

/** Reads the sounds and pictures of a prepared dataset's clips out of its tar shards. */
export interface ClipFiles {
  /** @returns `[samples]` float32 in [-1, 1) of a part of the clip's sound, or of all. @throws {InputError} for a damaged shard. */
  sound(line: IndexLine, part?: { startSample: number; samples: number }): Promise<Float32Array>;
  /** @throws {InputError} for a damaged shard or picture. */
  picture(line: IndexLine, index: number): Promise<Pixels>;
}

const wavHeaderBytes = 44;

export function clipFilesOf(folder: string, { shards }: PreparedDataset): ClipFiles {
  const damaged = ({ shard, clip }: IndexLine, what: string, cause?: unknown) =>
    new InputError(
      `Expected ${what} of clip ${clip.key} in ${join(folder, shards[shard]?.file ?? '')} but it is damaged or cut short. ` +
        'Prepare the dataset again: npx clapper prepare --help',
      'unreadable_media',
      { cause },
    );

  const read = async (line: IndexLine, { offset, bytes }: TarMember, what: string) => {
    const content = Buffer.alloc(bytes); // begins at a whole word, as Int16Array asks
    try {
      const file = await open(join(folder, shards[line.shard]?.file as string));
      const { bytesRead } = await file.read(content, 0, bytes, offset).finally(() => file.close());
      if (bytesRead === bytes) return content;
    } catch (cause) {
      throw damaged(line, what, cause);
    }
    throw damaged(line, what);
  };

  return {
    async sound(line, part) {
      const member = line.sound as TarMember;
      const header = await read(line, { ...member, bytes: wavHeaderBytes }, 'the sound');
      const isWav = header.toString('latin1', 0, 4) === 'RIFF' && header.toString('latin1', 36, 40) === 'data';
      if (!isWav || header.readUInt32LE(40) !== member.bytes - wavHeaderBytes) throw damaged(line, 'the sound');
      const length = samplesIn(member);
      const { startSample, samples } = part ?? { startSample: 0, samples: length };
      const place = {
        offset: member.offset + wavHeaderBytes + 2 * startSample,
        bytes: 2 * Math.min(samples, length - startSample),
      };
      const pcm = await read(line, place, 'the sound');
      const waveform = new Float32Array(new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length / 2));
      for (let n = 0; n < waveform.length; n++) waveform[n] = (waveform[n] as number) / 2 ** 15;
      return waveform;
    },
    async picture(line, index) {
      const jpeg = await read(line, line.pictures[index] as TarMember, 'a picture');
      const { data, info } = await sharp(jpeg, { failOn: 'error' })
        .toColourspace('srgb')
        .ensureAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true })
        .catch((cause) => {
          throw damaged(line, 'a picture', cause);
        });
      return { data, width: info.width, height: info.height };
    },
  };
}

/** @returns the number of samples in a clip's sound. */
export function samplesIn({ bytes }: TarMember): number {
  return (bytes - wavHeaderBytes) / 2;
}
