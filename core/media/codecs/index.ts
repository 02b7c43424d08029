import { aac, alac } from './aac.ts';
import type { StartDecoder } from './codec.ts';
import { flac } from './flac.ts';
import { mp3 } from './mp3.ts';
import { opus } from './opus.ts';
import { vorbis } from './vorbis.ts';

/** By the names that mediabunny gives them. */
export const codecs: Partial<Record<string, StartDecoder>> = { aac, alac, flac, mp3, opus, vorbis };
