import { viewOf } from '../formats/bytes.ts';
import { instantiate } from '../simd/instantiate.ts';
import { keepDecoders, type StartDecoder } from './codec.ts';

/** What `flac/decoder.as.ts` exports, described there. Addresses are bytes of its memory. */
interface Decoder {
  memory: WebAssembly.Memory;
  begin(channels: number, bits: number, mostSamples: number): void;
  take(length: number): number;
  decode(length: number): number;
  samplesOf(channel: number): number;
}

/** Files take less than 1 MB; the strangest 4. */
const mostKeptBytes = 2 * 2 ** 20;

const decoders = keepDecoders<Decoder>({
  make: async () => instantiate<Decoder>((await import('./flac/binary.ts')).binary),
  restart: ({ memory }) => memory.buffer.byteLength <= mostKeptBytes,
});

export const readyFlac = decoders.ready;

export const flac: StartDecoder = async ({ description }) => {
  if (!description) throw new Error('it lacks the FLAC header');
  const { channels, bits, sampleRate, blockSamples } = readStreamInfo(description);
  const decoder = await decoders.take();
  decoder.begin(channels, bits, blockSamples);
  return {
    async decode(packets, take) {
      for (const packet of packets) {
        const place = decoder.take(packet.length);
        new Uint8Array(decoder.memory.buffer, place).set(packet);
        const samples = decoder.decode(packet.length);
        if (samples === 0) throw new Error('a frame of it cannot be read');
        const { buffer } = decoder.memory;
        const at = (_: unknown, channel: number) => new Float32Array(buffer, decoder.samplesOf(channel), samples);
        take({ channels: Array.from({ length: channels }, at), sampleRate });
      }
    },
    close: (state) => decoders.giveBack(decoder, state),
  };
};

export interface StreamInfo {
  sampleRate: number; // Hz
  channels: number;
  bits: number;
  /** Of a channel in a frame, at most. */
  blockSamples: number;
  /** In all; 0 where the encoder did not know. */
  samples: number;
}

/**
 * The block that every FLAC stream begins with (RFC 9639, section 8.2), behind "fLaC".
 *
 * @throws {Error} where it is not all there.
 */
export function readStreamInfo(header: Uint8Array): StreamInfo {
  if (header.length < 42) throw new Error('its FLAC header is not all there');
  const view = viewOf(header);
  const packed = view.getUint32(18); // 20 bits of rate, 3 of channels − 1, 5 of bits − 1, the highest 4 of the samples
  return {
    sampleRate: packed >>> 12,
    channels: ((packed >>> 9) & 7) + 1,
    bits: ((packed >>> 4) & 31) + 1,
    blockSamples: view.getUint16(10),
    samples: (packed & 15) * 2 ** 32 + view.getUint32(22),
  };
}
