import { textAt, viewOf } from './bytes.ts';
import { cutShort, type DecodedSound, expectAtMost, type SoundFormat } from './format.ts';
import { decodePieces } from './pieces.ts';

/** Decoded whole: in pieces audio-decode loses frames. The header says how long it is. */
export const flac: SoundFormat = {
  name: 'flac',
  recognises: (bytes) => textAt(bytes, 0, 4) === 'fLaC',
  async decode(bytes, maxSeconds) {
    const { sampleRate, bits, samples } = readStreamInfo(bytes);
    expectAtMost(maxSeconds, samples / sampleRate);
    const sound = await decodePieces(bytes, { decoder: 'flac', format: 'flac', maxSeconds });
    const decoded = sound.channels[0]?.length ?? 0;
    if (decoded < samples) throw cutShort('flac', `${decoded} of ${samples} samples can be read`);
    return rescale(sound, bits);
  },
};

/** The block that every FLAC file begins with (RFC 9639, section 8.2). `samples` is 0 where the encoder did not know. */
function readStreamInfo(bytes: Uint8Array): { sampleRate: number; bits: number; samples: number } {
  if (bytes.length < 42) throw cutShort('flac', 'its header is not all there');
  const view = viewOf(bytes);
  const packed = view.getUint32(18); // 20 bits of rate, 3 of channels − 1, 5 of bits − 1, the highest 4 of the samples
  return {
    sampleRate: packed >>> 12,
    bits: ((packed >>> 4) & 31) + 1,
    samples: (packed & 15) * 2 ** 32 + view.getUint32(22),
  };
}

/** audio-decode divides integer samples by 2^(bits − 1) − 1; all others, and our wav, by 2^(bits − 1). */
function rescale({ channels, sampleRate }: DecodedSound, bits: number): DecodedSound {
  const theirs = 2 ** (bits - 1) - 1;
  return { sampleRate, channels: channels.map((samples) => samples.map((x) => Math.round(x * theirs) / (theirs + 1))) };
}
