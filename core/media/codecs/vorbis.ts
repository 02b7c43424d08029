import { instantiate } from '../simd/instantiate.ts';
import { keepDecoders, type StartDecoder } from './codec.ts';

/** What `vorbis/decoder.as.ts` exports, described there. Addresses are bytes of its memory. */
interface Decoder {
  memory: WebAssembly.Memory;
  begin(): number;
  identify(length: number, isHalved: boolean): void;
  setUp(length: number): void;
  decode(length: number): number;
  takeSamples(): number;
  samplesOf(channel: number): number;
}

const maxPacketBytes = 128 * 1024;
const packetsOfRoom = 16;
/** Files take less than 1 MB; the strangest that is read 32. */
const mostKeptBytes = 4 * 2 ** 20;

const decoders = keepDecoders({
  make: async () => instantiate<Decoder>((await import('./vorbis/binary.ts')).binary),
  restart: ({ memory }) => memory.buffer.byteLength <= mostKeptBytes,
});

export const readyVorbis = decoders.ready;

export const vorbis: StartDecoder = async ({ description, leastRate }) => {
  const { identification, setup, channels, sampleRate } = readHeaders(description);
  const isHalved = canHalve(identification) && sampleRate / 2 >= leastRate;
  const decoder = await decoders.take();
  const input = decoder.begin();
  try {
    new Uint8Array(decoder.memory.buffer, input).set(identification);
    decoder.identify(identification.length, isHalved);
    new Uint8Array(decoder.memory.buffer, input).set(setup);
    decoder.setUp(setup.length);
  } catch (cause) {
    throw new Error('its Vorbis headers are damaged, or of before 2002', { cause });
  }
  const { buffer } = decoder.memory; // it grows no more
  const place = new Uint8Array(buffer, input, maxPacketBytes);
  return {
    async decode(packets, take) {
      for (const [i, packet] of packets.entries()) {
        if (packet.length > maxPacketBytes) throw new Error('a packet of it is too long');
        place.set(packet);
        decoder.decode(packet.length); // one that is damaged has no samples
        if (i % packetsOfRoom < packetsOfRoom - 1 && i < packets.length - 1) continue;
        const samples = decoder.takeSamples();
        const at = (_: unknown, channel: number) => new Float32Array(buffer, decoder.samplesOf(channel), samples);
        const sound = isHalved ? { sampleRate: sampleRate / 2, late: 0.25 } : { sampleRate };
        take({ channels: Array.from({ length: channels }, at), ...sound });
      }
    },
    close: (state) => decoders.giveBack(decoder, state),
  };
};

/** Where half of a short block is long enough for the transform, and half of the rate a whole number. */
function canHalve(identification: Uint8Array): boolean {
  return (identification[28] as number & 15) >= 7 && (identification[12] as number) % 2 === 0;
}

interface Headers {
  identification: Uint8Array;
  setup: Uint8Array;
  channels: number;
  sampleRate: number; // Hz
}

/** Of the three headers, packed as Matroska does it: their number less one, the lengths of all but the last, then they themselves. */
function readHeaders(packed: Uint8Array | undefined): Headers {
  if (packed?.[0] !== 2) throw new Error('it lacks the Vorbis headers');
  let at = 1;
  const readLength = () => {
    let length = 0;
    while (packed[at] === 255) length += packed[at++] as number;
    return length + (packed[at++] ?? 0);
  };
  const [first, second] = [readLength(), readLength()];
  const identification = packed.slice(at, at + first);
  const setup = packed.slice(at + first + second);
  const fits = identification.length >= 30 && setup.length > 0 && Math.max(first, setup.length) <= maxPacketBytes;
  if (!fits) throw new Error('its Vorbis headers are damaged');
  const channels = identification[11] as number;
  return { identification, setup, channels, sampleRate: new DataView(identification.buffer).getUint32(12, true) };
}
