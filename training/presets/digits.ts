import type { TrainConfig } from '../config.ts';

/** Spoken and handwritten digits. `npx clapper train --preset digits --out runs/digits` · 2 minutes on 2 cores · test accuracy 0.990 (seed 0). */
export const digits: TrainConfig = {
  preset: 'digits',
  seed: 0,
  steps: 1500,
  batchSize: 32,
  matchesPerClip: 31,
  alignment: { weight: 1, scale: 10 },
  learningRate: 3e-3,
  warmupSteps: 50,
  batchNormMomentum: 0.9,
  holdOutSpeaker: null,
  logEvery: 20,
  evalEvery: 300,
  saveEvery: 300,
  voice: { speed: [0.8, 1.25], peakDecibels: [-30, 0], noiseDecibels: [-100, -10], anyPosition: true },
  digit: {
    shiftPixels: 2.5,
    scale: [0.8, 1.2],
    slant: 0.3,
    turnRadians: 0.2,
    strokePixels: 0.7,
    invertShare: 0.25,
  },
  model: {
    spectrogram: {
      sampleRate: 8000,
      samples: 8000,
      windowLength: 256,
      hopLength: 160,
      nFft: 256,
      nMels: 40,
      minHz: 60,
      maxHz: 4000,
      logOffset: 1e-5,
    },
    image: { width: 28, height: 28, shortSide: 28, scale: 1 / 127.5, offset: -1 },
    audioBranch: { channels: [16, 32, 64], stemStride: 2, featureGrid: [2, 3] },
    imageBranch: { channels: [16, 32, 64], stemStride: 1, featureGrid: [3, 3] },
    headUnits: 128,
  },
};
