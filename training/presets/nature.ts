import { noAugment } from '../augment/config.ts';
import { type CorrespondenceConfig, plainCanonical } from '../correspondence/config.ts';
import { publishedAugmentation } from '../data/loader/augmentation.ts';
import { photos } from './photos.ts';
import { strong } from './strong.ts';

/**
 * What `models/nature` is: 5 s of sound and a square of 64 pixels, every sound of a batch matched with every picture of it. From pairs
 * alone, or with branches that were taught categories before:
 * `npx clapper train --preset nature --data DIR --out runs/nature`
 * `… --set branches.audio=runs/strong --set branches.image=runs/photos --set matchHead=topics --set learns=scale --set batchReuse=8 --set steps=40`
 * From pairs alone sounds are compared with sounds too, and photos with photos: at half the channels and 500 steps, a validation AUC of .782; of .766 without,
 * and of .651 with a head of topics in place of a hidden layer.
 */
export const nature: CorrespondenceConfig = {
  task: 'correspondence',
  preset: 'nature',
  seed: 0,
  steps: 2000,
  epochs: null,
  batchSize: 64,
  rowsAtOnce: null,
  learningRate: 2e-3,
  warmup: 0.1,
  schedule: 'cosine',
  weightDecay: { amount: 0.03, kind: 'decoupled' },
  batchNormMomentum: 0.9,
  precision: 'float32',
  dropout: 0,
  choose: 'last',
  earlyStop: null,
  logEvery: 20,
  evalEvery: 500,
  saveEvery: 100,
  branches: { audio: null, image: null },
  learns: 'all',
  canonical: plainCanonical,
  batchReuse: 1,
  pairsOfBatch: 'all',
  matchesPerClip: 1,
  calibrate: true,
  ...noAugment,
  stretch: strong.stretch,
  specAugment: strong.specAugment,
  bandLimit: 0.3,
  view: photos.view,
  plainEnd: 0.05,
  alignment: { weight: 1, scale: 10, withinSides: true },
  data: {
    kind: 'prepared',
    folder: '',
    momentsPerClip: 1,
    hardNegatives: { share: 0, warmupSteps: 0 },
    randomSecond: true,
    circularShift: true,
    augmentation: { ...publishedAugmentation, brightness: 0.3, gain: 0.8 },
    workers: 1,
    ahead: 2,
  },
  network: {
    ...strong.network,
    channels: [32, 64, 128, 256],
    imageStemStride: 1,
    pictureSize: photos.network.pictureSize,
    pictureShortSide: photos.network.pictureShortSide,
  },
};
