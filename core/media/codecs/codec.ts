import type { SoundPart } from '../mix.ts';

/** What a container says of its sound. */
export interface CodecConfig {
  /** The codec's own header: AudioSpecificConfig, OpusHead, FLAC's STREAMINFO, Vorbis' three headers, ALAC's cookie. */
  description: Uint8Array | undefined;
  channels: number;
  /** Where in the coded sound the file's own begins: what comes before is the encoder's delay. */
  startSeconds: number;
  /** Hz. A decoder may leave out what only a higher rate can have. */
  leastRate: number;
}

/** Decodes one stream of packets. */
export interface PacketDecoder {
  /**
   * @param packets a few, in order.
   * @param take gets what is decoded, part by part; the arrays are the decoder's own and hold until `take` returns.
   * @throws {Error} for packets that cannot be decoded.
   */
  decode(packets: Uint8Array[], take: (part: SoundPart) => void): Promise<void>;
  /** Makes the decoder free for the next file. @param isWell whether all its packets were decoded. */
  close(state: { isWell: boolean }): void;
}

export type StartDecoder = (config: CodecConfig) => Promise<PacketDecoder>;

const mostHalvings = 2;

/** @returns how often a decoder that can may halve its rate: it stays a whole number, and not below what is asked for. */
export function halvingsOf(sampleRate: number, leastRate: number): number {
  let halvings = 0;
  for (let rate = sampleRate / 2; rate >= leastRate && Number.isInteger(rate); rate /= 2) halvings++;
  return Math.min(halvings, mostHalvings);
}

/**
 * Decoders that take long to make (WebAssembly and its 16 MB of memory) are kept: a thread that decodes one file after the other makes
 * one of each.
 *
 * @param restart makes it forget its file. @returns whether it can take another.
 */
export function keepDecoders<Decoder>({
  make,
  restart,
}: {
  make: () => Promise<Decoder>;
  restart: (decoder: Decoder) => boolean;
}): {
  take(): Promise<Decoder>;
  giveBack(decoder: Decoder, state: { isWell: boolean }): void;
  /** Makes the first. */
  ready(): Promise<void>;
} {
  const idle: Decoder[] = [];
  return {
    take: async () => idle.pop() ?? make(),
    async ready() {
      if (idle.length === 0) idle.push(await make());
    },
    giveBack(decoder, { isWell }) {
      // After an error nobody knows what its memory is like; the next file gets another.
      if (isWell && idle.length === 0 && restart(decoder)) idle.push(decoder);
    },
  };
}
