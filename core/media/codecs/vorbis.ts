import { keepDecoders, type StartDecoder } from './codec.ts';
import { hasRoom, type Pointer, wasmOf } from './wasmAudioDecoder.ts';

/** What stands inside the package's decoder, which itself reads Ogg alone. */
interface Inner {
  _decoder: number;
  _firstPage: boolean;
  _input: Pointer;
  _inputLen: Pointer;
  _outputBufferPtr: Pointer;
  _channels: Pointer;
  _sampleRate: Pointer;
  _samplesDecoded: Pointer;
  _errors: Pointer;
  _errorsLength: Pointer;
  sendSetupHeader(header: Uint8Array): void;
  initDsp(): void;
  decodePackets(packets: Uint8Array[]): { channelData: Float32Array[]; sampleRate: number };
}

const maxErrors = 256; // as the package has it
const maxPacketBytes = 128 * 1024; // of what it copies a packet to

const decoders = keepDecoders({
  async make() {
    const decoder = new (await import('@wasm-audio-decoders/ogg-vorbis')).OggVorbisDecoder();
    await decoder.ready;
    return (decoder as unknown as { _decoder: Inner })._decoder;
  },
  restart(inner) {
    const wasm = wasmOf(inner, 'destroy_decoder', 'create_decoder');
    wasm.destroy_decoder(inner._decoder);
    const { _input, _inputLen, _outputBufferPtr, _channels, _sampleRate, _samplesDecoded } = inner;
    const pointers = [_input, _inputLen, _outputBufferPtr, _channels, _sampleRate, _samplesDecoded];
    const errors = [inner._errors.ptr, inner._errorsLength.ptr, maxErrors];
    inner._decoder = wasm.create_decoder(...pointers.map(({ ptr }) => ptr), ...errors);
    inner._firstPage = true;
    return hasRoom(inner);
  },
});

export const readyVorbis = decoders.ready;

/** By libvorbis. */
export const vorbis: StartDecoder = async ({ description }) => {
  const { identification, setup } = readHeaders(description);
  const decoder = await decoders.take();
  decoder.sendSetupHeader(identification);
  decoder.sendSetupHeader(setup);
  decoder.initDsp();
  return {
    async decode(packets) {
      if (packets.some(({ length }) => length > maxPacketBytes)) throw new Error('a packet of it is too long');
      const { channelData, sampleRate } = decoder.decodePackets(packets);
      return { channels: channelData, sampleRate };
    },
    close: (state) => decoders.giveBack(decoder, state),
  };
};

/** Of the three headers, packed as Matroska does it: their number less one, the lengths of all but the last, then they themselves. */
function readHeaders(packed: Uint8Array | undefined): { identification: Uint8Array; setup: Uint8Array } {
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
  return { identification, setup };
}
