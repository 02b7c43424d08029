import { noAugment } from '../augment/config.ts';
import { type CorrespondenceConfig, plainCanonical } from '../correspondence/config.ts';
import { publishedAugmentation } from '../data/loader/augmentation.ts';
import { l3Network } from './l3Network.ts';

/**
 * Natural sounds on two cores: a quarter of L3-Net's channels, a stem of stride 2, 64 mel bands.
 * `npx clapper train --preset small --data DIR --out runs/small` · 15 minutes on 2 cores · ESC-50 sounds × photos of 23 categories: test
 * accuracy 0.742 (seed 0).
 */
export const small: CorrespondenceConfig = {
  task: 'correspondence',
  preset: 'small',
  seed: 0,
  steps: 2000,
  epochs: null,
  batchSize: 32,
  rowsAtOnce: null,
  learningRate: 1e-3,
  warmup: 0.05,
  schedule: 'cosine',
  weightDecay: { amount: 1e-2, kind: 'decoupled' },
  batchNormMomentum: 0.9,
  precision: 'float32',
  dropout: 0,
  choose: 'best',
  earlyStop: null,
  logEvery: 20,
  evalEvery: 200,
  saveEvery: 100,
  branches: { audio: null, image: null },
  learns: 'all',
  canonical: plainCanonical,
  batchReuse: 1,
  pairsOfBatch: 'shuffled',
  matchesPerClip: 31,
  calibrate: false,
  ...noAugment,
  plainEnd: 0,
  alignment: { weight: 1, scale: 10, withinSides: false },
  data: {
    kind: 'prepared',
    folder: '',
    momentsPerClip: 1,
    hardNegatives: { share: 0, warmupSteps: 0 },
    randomSecond: true,
    circularShift: false,
    augmentation: publishedAugmentation,
    workers: 2,
    ahead: 2,
  },
  network: {
    ...l3Network,
    width: 0.25,
    stemStride: 2,
    frontend: 'mel',
    melBands: 64,
    windowLength: 960,
    hopLength: 480,
    nFft: 1024,
    minHz: 50,
    maxHz: 20_000,
  },
};
