import { InputError } from '../errors.ts';
import type { IndexLine, TarMember } from './prepared.ts';

/** The bytes of a dataset's tar files. */
export interface Shards {
  /** Of each, as a message says it. */
  names: string[];
  /** Fills `bytes` with what stands from `offset` of a shard on. @returns how many there were: fewer where the shard ends before. */
  read(shard: number, offset: number, bytes: Uint8Array): number;
}

/** Where a sound, or a picture, of a clip stands. */
export interface ClipFile {
  what: 'the sound' | 'a picture';
  /** Of the clip. */
  key: string;
  shard: number;
  member: TarMember;
}

const wavHeaderBytes = 44;

export function soundFile({ clip, shard, sound }: IndexLine): ClipFile {
  return { what: 'the sound', key: clip.key, shard, member: sound as TarMember };
}

export function pictureFile({ clip, shard, pictures }: IndexLine, index: number): ClipFile {
  return { what: 'a picture', key: clip.key, shard, member: pictures[index] as TarMember };
}

/** @returns the number of samples in a clip's sound. */
export function samplesIn({ bytes }: TarMember): number {
  return (bytes - wavHeaderBytes) / 2;
}

/**
 * Reads a part of a sound without the rest.
 *
 * @param samples int16 `[N]`, written over.
 * @returns its beginning that was filled: of all N samples, or as many as the sound has from `startSample` on.
 * @throws {InputError} for a shard that cannot be read, or damaged.
 */
export function readSamples(shards: Shards, file: ClipFile, startSample: number, samples: Int16Array): Int16Array {
  const { offset, bytes } = file.member;
  const header = new Uint8Array(wavHeaderBytes);
  readBytes(shards, file, offset, header);
  const text = (start: number) => String.fromCharCode(...header.subarray(start, start + 4));
  const dataBytes = new DataView(header.buffer).getUint32(40, true);
  if (text(0) !== 'RIFF' || text(36) !== 'data' || dataBytes !== bytes - wavHeaderBytes)
    throw damagedFile(shards, file, 'it is no wav file');
  const part = samples.subarray(0, Math.min(samples.length, samplesIn(file.member) - startSample));
  const target = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  readBytes(shards, file, offset + wavHeaderBytes + 2 * startSample, target);
  return part;
}

/** @returns `[N]` float32 in [-1, 1), N at most `samples`: a part of a sound, or all of it. @throws {InputError} as {@link readSamples}. */
export function readWaveform(
  shards: Shards,
  file: ClipFile,
  { startSample, samples } = { startSample: 0, samples: samplesIn(file.member) },
): Float32Array {
  const length = Math.min(samples, samplesIn(file.member) - startSample);
  const waveform = Float32Array.from(readSamples(shards, file, startSample, new Int16Array(length)));
  for (let n = 0; n < length; n++) waveform[n] = (waveform[n] as number) / 2 ** 15;
  return waveform;
}

/** @returns the JPEG file. @throws {InputError} for a shard that cannot be read. */
export function readPicture(shards: Shards, file: ClipFile): Uint8Array {
  const jpeg = new Uint8Array(file.member.bytes);
  readBytes(shards, file, file.member.offset, jpeg);
  return jpeg;
}

/** @returns the error for a file that is not what it should be. */
export function damagedFile({ names }: Shards, { what, key, shard }: ClipFile, reason: string): InputError {
  return new InputError(
    `Expected ${what} of clip ${key} in ${names[shard]} but ${reason}. Prepare the dataset again: npx clapper prepare --help`,
    'unreadable_media',
  );
}

function readBytes(shards: Shards, file: ClipFile, offset: number, bytes: Uint8Array): void {
  let length: number;
  try {
    length = shards.read(file.shard, offset, bytes);
  } catch (cause) {
    throw damagedFile(shards, file, `the file cannot be read (${(cause as Error).message})`);
  }
  if (length < bytes.length)
    throw damagedFile(shards, file, `the file ends ${bytes.length - length} bytes before it does`);
}
