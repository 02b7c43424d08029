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
  const { decoder } = await import('@audio/decode-aac');
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
  const { decoder } = await import('@audio/decode-aac');
  (await decoder()).free();
}
