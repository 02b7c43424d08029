import type { NetworkOptions } from '../model/options.ts';

/**
 * L3-Net (Arandjelović & Zisserman 2017, §3): 1 s at 48 kHz as a spectrogram of 10 ms windows with half overlap, 257 bands × 199
 * frames; 224 px of a picture of 256; 64 to 512 channels; conv4_2 max-pooled to 4 × 3 × 512 = 6144 numbers of sound, 4 × 4 × 512 of
 * picture.
 */
export const l3Network: NetworkOptions = {
  width: 1,
  channels: [64, 128, 256, 512],
  embeddingSize: null,
  stemStride: 1,
  imageStemStride: null,
  frontend: 'linear',
  melBands: 128,
  sampleRate: 48_000,
  seconds: 1,
  windowLength: 480,
  hopLength: 240,
  nFft: 512,
  minHz: 0,
  maxHz: 24_000,
  logOffset: 1e-5, // below the noise of 16-bit sound; less would make runtimes differ on silence
  pictureSize: 224,
  pictureShortSide: 256,
  audioGrid: [4, 3],
  imageGrid: [4, 4],
  pooling: 'max',
  matchHead: 'hidden',
  headUnits: 128,
};
