import { createMatcher } from '#core/bundle/matcher.ts';
import type { Bundle } from '#core/bundle/open.ts';
import { InputError } from '#core/errors.ts';
import { rowOf } from '#core/matrix.ts';
import type { RowEncoder } from '../classify/encoder.ts';

/** The branches of a bundle, run by ONNX Runtime. @throws {InputError} for a bundle that lacks one. */
export function bundleEncoders(bundle: Bundle): Record<'audio' | 'image', RowEncoder> {
  const { audio, image } = bundle.manifest.input;
  if (!audio || !image) throw new InputError('Expected a bundle that hears and sees.');
  const matcher = createMatcher(bundle);
  const config = { spectrogram: audio, image };
  const rowsOf = ({ embeddings }: Awaited<ReturnType<typeof matcher.encode>>) => ({
    embeddings: Array.from({ length: embeddings.rows }, (_, i) => rowOf(embeddings, i).slice()),
    features: [],
  });
  const options = { features: false };
  return {
    audio: {
      ...{ sense: 'audio', config },
      encode: async (inputs) => rowsOf(await matcher.encode('audio', inputs as Float32Array[], options)),
    },
    image: {
      ...{ sense: 'image', config },
      encode: async (inputs) => rowsOf(await matcher.encode('image', inputs as Uint8Array[], options)),
    },
  };
}
