import { hannAt, type SpectrogramOptions, spectrogramShape } from '#core/spectrogram.ts';
import { tf } from '../tensorflow/load.ts';
import { runNativeOp } from './nativeOp.ts';

/**
 * Power of every frame of a sound, by TensorFlow's FFT: the numbers of the DFT convolution in the exported graphs, without a gradient,
 * in a fraction of the time. Of 5 s at 48 kHz with frames of 1920 samples, the convolution costs more than a small network.
 *
 * @returns from waveforms `[B, N]` to `[B, T, F]`.
 */
export function framedPower(options: SpectrogramOptions): (waveforms: tf.Tensor2D) => tf.Tensor3D {
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
  const hann = tf.keep(tf.tensor1d(Float32Array.from({ length: windowLength }, (_, n) => hannAt(n, windowLength))));
  const fftLength = tf.keep(tf.tensor1d([nFft], 'int32'));
  const used = (frames - 1) * hopLength + windowLength;

  return (waveforms) =>
    tf.tidy(() => {
      const [batch] = waveforms.shape;
      const split = waveforms.slice([0, 0], [batch, used]).reshape([batch, used / block, block]);
      const framed = tf.gather(split, order, 1).reshape<tf.Tensor3D>([batch, frames, windowLength]);
      const windowed = tf.mul<tf.Tensor3D>(framed, hann);
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
      return tf.add<tf.Tensor3D>(tf.square(tf.real(spectrum)), tf.square(tf.imag(spectrum)));
    });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
