import { aac, alac, readyAac } from './aac.ts';
import type { StartDecoder } from './codec.ts';
import { flac, readyFlac } from './flac.ts';
import { mp3, readyMp3 } from './mp3.ts';
import { opus, readyOpus } from './opus.ts';
import { readyVorbis, vorbis } from './vorbis.ts';

/** By the names that mediabunny gives them. */
export const codecs: Partial<Record<string, StartDecoder>> = { aac, alac, flac, mp3, opus, vorbis };

/** Makes a decoder of each kind, so that a thread's first file does not wait for the compilers of WebAssembly. */
export async function prepareDecoders(): Promise<void> {
  await Promise.all([readyAac(), readyFlac(), readyMp3(), readyOpus(), readyVorbis()]);
}
