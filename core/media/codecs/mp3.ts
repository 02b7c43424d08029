import { rateAt } from '../formats/mp3.ts';
import { instantiate } from '../simd/instantiate.ts';
import { halvingsOf, keepDecoders, type StartDecoder } from './codec.ts';

/** What `mp3/decoder.as.ts` exports, described there. Addresses are bytes of its memory. */
interface Decoder {
  memory: WebAssembly.Memory;
  begin(channels: number, halvings: number, phase: number): number;
  decode(length: number): number;
  takeSamples(): number;
  samplesOf(channel: number): number;
}

const mostBytes = 2048;
const framesOfRoom = 16;

const decoders = keepDecoders<Decoder>({
  make: async () => instantiate<Decoder>((await import('./mp3/binary.ts')).binary),
  restart: () => true,
});

export const readyMp3 = decoders.ready;

export const mp3: StartDecoder = async ({ channels, startSeconds, leastRate }) => {
  const decoder = await decoders.take();
  const { buffer } = decoder.memory; // it does not grow
  let place = 0;
  let fileRate = 0;
  let halvings = 0;
  /** Samples that are not of the sound yet. */
  let left = 0;
  const begin = (rate: number) => {
    fileRate = rate;
    halvings = halvingsOf(rate, leastRate);
    const delay = Math.round(startSeconds * rate);
    left = delay >> halvings;
    place = decoder.begin(channels, halvings, delay - (left << halvings));
  };
  return {
    async decode(packets, take) {
      for (const [i, packet] of packets.entries()) {
        const rate = rateAt(packet, 0);
        if (fileRate === 0 && rate > 0) begin(rate);
        if (rate !== fileRate) throw new Error('its sample rate changes midway');
        if (packet.length > mostBytes) throw new Error('a frame of it is too long');
        new Uint8Array(buffer, place, packet.length).set(packet);
        decoder.decode(packet.length); // one that is damaged has no samples
        if (i % framesOfRoom < framesOfRoom - 1 && i < packets.length - 1) continue;
        const samples = decoder.takeSamples();
        const skipped = Math.min(samples, left);
        left -= skipped;
        const at = (_: unknown, channel: number) =>
          new Float32Array(buffer, decoder.samplesOf(channel) + 4 * skipped, samples - skipped);
        take({ channels: Array.from({ length: channels }, at), sampleRate: fileRate / 2 ** halvings });
      }
    },
    close: (state) => decoders.giveBack(decoder, state),
  };
};
