import { type SpectrogramOptions, spectrogramShape } from '#core/spectrogram.ts';
import { tf } from '../tensorflow/load.ts';
import { runNativeOp } from './nativeOp.ts';

/** What the power of every frame is made with. */
export interface BandPowerTables {
  /** Hann, `[windowLength]`. */
  window: tf.Tensor1D;
  /** Mel filters, `[F, M]`; M = 0: linear frequency. */
  filters: tf.Tensor2D;
}

/** Of `bandPower`, by TensorFlow's own operators: on a GPU, and where ours cannot be used. */
export function bandPowerByTensorFlow(
  options: SpectrogramOptions,
  { window, filters }: BandPowerTables,
): (waveforms: tf.Tensor2D) => tf.Tensor3D {
  const { windowLength, hopLength, nFft } = options;
  const [, frames] = spectrogramShape(options);
  // Frames overlap by whole blocks of this many samples, so that they are gathered block by block.
  const block = greatestCommonDivisor(windowLength, hopLength);
  const blocks = windowLength / block;
  const places = Int32Array.from(
    { length: frames * blocks },
    (_, i) => Math.floor(i / blocks) * (hopLength / block) + (i % blocks),
  );
  const order = tf.keep(tf.tensor1d(places, 'int32'));
  const fftLength = tf.keep(tf.tensor1d([nFft], 'int32'));
  const used = (frames - 1) * hopLength + windowLength;

  return (waveforms) =>
    tf.tidy(() => {
      const [batch] = waveforms.shape;
      const split = waveforms.slice([0, 0], [batch, used]).reshape([batch, used / block, block]);
      const framed = tf.gather(split, order, 1).reshape<tf.Tensor3D>([batch, frames, windowLength]);
      const windowed = tf.mul<tf.Tensor3D>(framed, window);
      const padding: [number, number][] = [
        [0, 0],
        [0, 0],
        [0, nFft - windowLength],
      ];
      const [spectrum] = runNativeOp({
        name: 'RFFT',
        inputs: [nFft > windowLength ? tf.pad(windowed, padding) : windowed, fftLength],
        outputs: 1,
        typeAttributes: ['Treal'],
        complexTypeAttributes: ['Tcomplex'],
      }) as [tf.Tensor3D];
      const power = tf.add<tf.Tensor3D>(tf.square(tf.real(spectrum)), tf.square(tf.imag(spectrum))); // [B, T, bins]
      const [bins, bands] = filters.shape;
      const banded = bands === 0 ? power : tf.matMul(power.reshape([batch * frames, bins]), filters);
      return banded.reshape([batch, frames, -1]).transpose<tf.Tensor3D>([0, 2, 1]);
    });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
