import { keepDecoders, quietly, type StartDecoder } from './codec.ts';
import { hasRoom, type Pointer, wasmOf } from './wasmAudioDecoder.ts';

/** What stands inside the package's decoder. */
interface Inner {
  _decoder: number;
  _common: {
    allocateTypedArray(length: number, type: typeof Uint32Array, keep: boolean): Pointer & { buf: Uint32Array };
  };
}

const gapless = 1;

const decoders = keepDecoders({
  async make() {
    const decoder = new (await import('mpg123-decoder')).MPEGDecoder();
    await decoder.ready;
    return decoder;
  },
  restart(decoder) {
    const inner = decoder as unknown as Inner;
    const wasm = wasmOf(decoder, 'mpeg_frame_decoder_destroy', 'mpeg_frame_decoder_create', 'free');
    wasm.mpeg_frame_decoder_destroy(inner._decoder);
    const place = inner._common.allocateTypedArray(1, Uint32Array, false);
    wasm.mpeg_frame_decoder_create(place.ptr, gapless);
    inner._decoder = place.buf[0] as number;
    wasm.free(place.ptr);
    return hasRoom(decoder);
  },
});

export const readyMp3 = decoders.ready;

/** By mpg123, which leaves out what the encoder put before and after the sound where the first frame says how much. */
export const mp3: StartDecoder = async ({ channels }) => {
  const decoder = await decoders.take();
  return {
    async decode(packets, take) {
      const { channelData, sampleRate, samplesDecoded } = quietly(() => decoder.decodeFrames(packets));
      // It gives two channels always, of mono twice the same.
      take({ channels: samplesDecoded > 0 ? channelData.slice(0, channels) : [], sampleRate });
    },
    close: (state) => decoders.giveBack(decoder, state),
  };
};
