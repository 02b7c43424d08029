import { instantiate } from '../simd/instantiate.ts';
import { halvingsOf, keepDecoders, type StartDecoder } from './codec.ts';

/** What `vorbis/decoder.as.ts` exports, described there. Addresses are bytes of its memory. */
interface Decoder {
  memory: WebAssembly.Memory;
  begin(): number;
  restart(): void;
  identify(length: number, toHalve: number): void;
  setUp(length: number): void;
  decode(length: number): number;
  takeSamples(): number;
  samplesOf(channel: number): number;
}

const maxPacketBytes = 128 * 1024;
const packetsOfRoom = 16;
/** Files take less than 1 MB; the strangest that is read 32. */
const mostKeptBytes = 4 * 2 ** 20;

interface Headers {
  identification: Uint8Array;
  setup: Uint8Array;
  channels: number;
  sampleRate: number; // Hz
}

/** A decoder, and which headers it was set up with: what an encoder writes with the same settings has the same. */
interface SetUp {
  decoder: Decoder;
  input: number;
  headers: Headers | null;
  halvings: number;
}

const decoders = keepDecoders<SetUp>({
  async make() {
    const decoder = instantiate<Decoder>((await import('./vorbis/binary.ts')).binary);
    return { decoder, input: 0, headers: null, halvings: 0 };
  },
  restart: ({ decoder }) => decoder.memory.buffer.byteLength <= mostKeptBytes,
});

export const readyVorbis = decoders.ready;

export const vorbis: StartDecoder = async ({ description, leastRate }) => {
  const headers = readHeaders(description);
  const { channels, sampleRate } = headers;
  const halvings = Math.min(halvingsOf(sampleRate, leastRate), mostHalvingsOf(headers));
  const kept = await decoders.take();
  setUp(kept, headers, halvings);
  const { decoder, input } = kept;
  const { buffer } = decoder.memory; // it grows no more
  const place = new Uint8Array(buffer, input, maxPacketBytes);
  const each = 2 ** halvings; // of the file's samples are one, in their middle
  const sound = { sampleRate: sampleRate / each, late: (each - 1) / (2 * each) };
  return {
    async decode(packets, take) {
      for (const [i, packet] of packets.entries()) {
        if (packet.length > maxPacketBytes) throw new Error('a packet of it is too long');
        place.set(packet);
        decoder.decode(packet.length); // one that is damaged has no samples
        if (i % packetsOfRoom < packetsOfRoom - 1 && i < packets.length - 1) continue;
        const samples = decoder.takeSamples();
        const at = (_: unknown, channel: number) => new Float32Array(buffer, decoder.samplesOf(channel), samples);
        take({ channels: Array.from({ length: channels }, at), ...sound });
      }
    },
    close: (state) => decoders.giveBack(kept, state),
  };
};

/** For a file with these headers. Those of the last are not read again: it would be a tenth of what 10 s take. */
function setUp(kept: SetUp, headers: Headers, halvings: number): void {
  const { decoder } = kept;
  const { identification, setup } = headers;
  decoder.restart();
  const isSame = kept.halvings === halvings && isEqual(kept.headers?.identification, identification);
  if (isSame && isEqual(kept.headers?.setup, setup)) return;
  try {
    kept.headers = null;
    kept.input = decoder.begin();
    new Uint8Array(decoder.memory.buffer, kept.input).set(identification);
    decoder.identify(identification.length, halvings);
    new Uint8Array(decoder.memory.buffer, kept.input).set(setup);
    decoder.setUp(setup.length);
    Object.assign(kept, { headers, halvings });
  } catch (cause) {
    throw new Error('its Vorbis headers are damaged, or of before 2002', { cause });
  }
}

function isEqual(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a?.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Short blocks must stay long enough for the transform. */
function mostHalvingsOf({ identification }: Headers): number {
  const shortBits = (identification[28] as number) & 15;
  return Math.max(0, shortBits - 6);
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
