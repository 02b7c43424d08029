import { keepDecoders, quietly, type StartDecoder } from './codec.ts';
import { hasRoom, type Pointer, wasmOf } from './wasmAudioDecoder.ts';

/** What stands inside the package's decoder, which itself reads whole files alone. */
interface Inner {
  _decoder: number;
  _channels: Pointer;
  _sampleRate: Pointer;
  _bitsPerSample: Pointer;
  _samplesDecoded: Pointer;
  _outputBufferPtr: Pointer & { buf: Uint32Array };
  _outputBufferLen: Pointer;
  _errorStringPtr: Pointer;
  _stateStringPtr: Pointer;
  decodeFrames(frames: Uint8Array[]): {
    channelData: Float32Array[];
    sampleRate: number;
    errors: { message: string }[];
  };
}

const decoders = keepDecoders({
  async make() {
    const decoder = new (await import('@wasm-audio-decoders/flac')).FLACDecoder();
    await decoder.ready;
    return (decoder as unknown as { _decoder: Inner })._decoder;
  },
  restart(inner) {
    const wasm = wasmOf(inner, 'destroy_decoder', 'create_decoder');
    inner._outputBufferPtr.buf[0] = 0; // it has been freed
    wasm.destroy_decoder(inner._decoder);
    const { _channels, _sampleRate, _bitsPerSample, _samplesDecoded, _outputBufferPtr, _outputBufferLen } = inner;
    const out = [_channels, _sampleRate, _bitsPerSample, _samplesDecoded, _outputBufferPtr, _outputBufferLen];
    const said = [inner._errorStringPtr, inner._stateStringPtr];
    inner._decoder = wasm.create_decoder(...[...out, ...said].map(({ ptr }) => ptr));
    return hasRoom(inner);
  },
});

export const readyFlac = decoders.ready;

/** By libFLAC. */
export const flac: StartDecoder = async ({ description }) => {
  if (!description) throw new Error('it lacks the FLAC header');
  const scale = 2 ** (readStreamInfo(description).bits - 1);
  const decoder = await decoders.take();
  return {
    async decode(packets, take) {
      const { channelData, sampleRate, errors } = quietly(() => decoder.decodeFrames(packets));
      if (errors.length > 0) throw new Error('a frame of it cannot be read');
      // It divides integers by 2^(bits − 1) − 1; all others, and our wav, by 2^(bits − 1).
      for (const samples of channelData) {
        for (let n = 0; n < samples.length; n++) samples[n] = Math.round((samples[n] as number) * (scale - 1)) / scale;
      }
      take({ channels: channelData, sampleRate });
    },
    close: (state) => decoders.giveBack(decoder, state),
  };
};

/**
 * The block that every FLAC stream begins with (RFC 9639, section 8.2), behind "fLaC". `samples` is 0 where the encoder did not know.
 *
 * @throws {Error} where it is not all there.
 */
export function readStreamInfo(header: Uint8Array): { bits: number; samples: number } {
  if (header.length < 42) throw new Error('its FLAC header is not all there');
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const packed = view.getUint32(18); // 20 bits of rate, 3 of channels − 1, 5 of bits − 1, the highest 4 of the samples
  return { bits: ((packed >>> 4) & 31) + 1, samples: (packed & 15) * 2 ** 32 + view.getUint32(22) };
}
