import { expect, test } from 'vitest';
import { mfccFeatures } from '../../../training/baselines/mfcc.ts';

// By NumPy and scipy.fft.dct as librosa 0.4 takes a sound apart: 2048-sample Hann frames 512 apart around their moments, 128 Slaney bands, 80 dB.
const expected = [
  26.1612, 50.4558, 11.118, 22.5154, 6.6425, -2.7723, -6.419, -18.1269, -19.0847, -25.9058, -24.5685, -25.4762, 0.1498,
  38.2563, 30.524, 12.5404, 20.9834, 20.0472, 19.6997, 17.4407, 21.1726, 20.15, 23.3009, 22.6199, 22.1327, 0.1643,
];

test('clips are described by the numbers of librosa’s MFCCs and of zero crossings, silence included', () => {
  const samples = 22_050;
  const waveform = Float32Array.from({ length: samples }, (_, n) => {
    const sound = 0.5 * Math.sin(0.05 * n) * Math.exp(-n / 6000) + 0.05 * Math.sin(1.3 * n + 0.0001 * n * n);
    return n < 16_000 ? Math.round(sound * 32_768) / 32_768 : 0;
  });
  const features = mfccFeatures(44_100, samples)(waveform);
  for (const [i, value] of expected.entries()) expect(features[i], `feature ${i}`).toBeCloseTo(value, 1);
});
