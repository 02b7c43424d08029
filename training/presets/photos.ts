import { noAugment } from '../augment/config.ts';
import { type ClassifyConfig, noTeacher } from '../classify/config.ts';
import { publishedAugmentation } from '../data/loader/augmentation.ts';
import { l3Network } from './l3Network.ts';

/**
 * Photos from random weights: all brought to one small square, so that neither size nor shape nor sharpness tells where they come from;
 * zoomed, blurred, mixed and cut out; the last 5 epochs see them plain.
 * `npx clapper train --preset photos --data DIR --out runs/photos --set testFold=5`
 */
export const photos: ClassifyConfig = {
  task: 'classify',
  preset: 'photos',
  classifier: 'network',
  from: 'random',
  branch: 'image',
  seed: 0,
  steps: null,
  epochs: 40,
  batchSize: 64,
  rowsAtOnce: null,
  learningRate: 2.5e-3,
  warmup: 0.15,
  schedule: 'cosine',
  weightDecay: { amount: 0.03, kind: 'decoupled' },
  batchNormMomentum: 0.9,
  precision: 'float32',
  dropout: 0,
  choose: 'last',
  earlyStop: null,
  logEvery: 20,
  evalEvery: 1000,
  saveEvery: 100,
  name: null,
  hidden: null,
  labelSmoothing: 0.1,
  logitAdjustment: 1,
  calibrate: true,
  mixup: 0.2,
  enlarge: 1,
  distil: noTeacher,
  ...noAugment,
  view: { zoom: 0.5, aspect: 0.3, blur: 0.5, cutOut: 0.5 },
  plainEnd: 0.1,
  data: {
    folder: '',
    testFold: null,
    validationFold: null,
    circularShift: false,
    augmentation: { ...publishedAugmentation, brightness: 0.3 },
    workers: 1,
    ahead: 2,
  },
  network: {
    ...l3Network,
    channels: [32, 64, 128, 256],
    stemStride: 1,
    pooling: 'mean',
    pictureSize: 64,
    pictureShortSide: 72,
  },
};
