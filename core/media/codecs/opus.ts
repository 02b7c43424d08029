import { viewOf } from '../formats/bytes.ts';
import type { StartDecoder } from './codec.ts';

/** By libopus, at 48 kHz. */
export const opus: StartDecoder = async ({ description: head, channels }) => {
  const { createOpusDecoder } = await import('@audio/decode-opus/core');
  const decoder = await createOpusDecoder();
  decoder.configure(head ? readHead(head) : { channels });
  return {
    async decode(packets, take) {
      const { channelData, sampleRate, errors } = decoder.decodeFrames(packets);
      if (errors[0]) throw new Error(errors[0].message);
      take({ channels: channelData, sampleRate });
    },
    close: () => decoder.free(),
  };
};

export async function readyOpus(): Promise<void> {
  const { createOpusDecoder } = await import('@audio/decode-opus/core');
  (await createOpusDecoder()).free();
}

/** Samples before the sound, of OpusHead (RFC 7845, section 5.1). */
export function preSkipOf(head: Uint8Array): number {
  return viewOf(head).getUint16(10, true);
}

/** OpusHead: RFC 7845, section 5.1. */
function readHead(head: Uint8Array) {
  const view = viewOf(head);
  const channels = view.getUint8(9);
  const common = { channels, preSkip: preSkipOf(head), outputGain: view.getInt16(16, true) };
  if (view.getUint8(18) === 0) return common; // mono or stereo
  return {
    ...common,
    streamCount: view.getUint8(19),
    coupledStreamCount: view.getUint8(20),
    channelMappingTable: head.subarray(21, 21 + channels),
  };
}
