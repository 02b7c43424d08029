import { InputError } from '../../errors.ts';
import type { StartDecoder } from './codec.ts';

/** By FAAD2. */
export const aac: StartDecoder = async ({ description, startSeconds }) => {
  if (!description) throw new Error('it lacks the AAC configuration');
  return startRaw({ asc: description, gapless: { start: startSeconds } });
};

/** Apple Lossless. */
export const alac: StartDecoder = async ({ description, startSeconds }) => {
  if (!description) throw new Error('it lacks the ALAC configuration');
  return startRaw({ alac: description, gapless: { start: startSeconds } });
};

async function startRaw(options: {
  asc?: Uint8Array;
  alac?: Uint8Array;
  gapless: { start: number };
}): ReturnType<StartDecoder> {
  const { decoder } = await load();
  const raw = await decoder(options);
  return {
    async decode(packets, take) {
      const { channelData, sampleRate } = raw.decode(packets);
      take({ channels: channelData, sampleRate });
    },
    close: () => raw.free(),
  };
}

export async function readyAac(): Promise<void> {
  const library = await load().catch((error) => {
    if (error instanceof InputError) return null; // who sends such a file is told
    throw error;
  });
  (await library?.decoder())?.free();
}

/**
 * The one package here under the GPL (FAAD2 is), so installations may leave it out.
 *
 * @throws {InputError} where this one has.
 */
async function load(): Promise<typeof import('@audio/decode-aac')> {
  try {
    return await import('@audio/decode-aac');
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new InputError(
      'Expected a sound that can be decoded here but AAC and Apple Lossless (m4a) are left out of this installation: their decoder, ' +
        '@audio/decode-aac, is under the GPL. Convert it to wav or flac, or install that package.',
      'unsupported_media',
      { cause },
    );
  }
}
