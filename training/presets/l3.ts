import { noAugment } from '../augment/config.ts';
import { type CorrespondenceConfig, plainCanonical } from '../correspondence/config.ts';
import { publishedAugmentation } from '../data/loader/augmentation.ts';
import { l3Network } from './l3Network.ts';

/**
 * The paper: L3-Net from its 16 workers' batches of 16, Adam at 1e-4, weight decay 1e-5, two frames of a clip never needed.
 * `npx clapper train --preset l3 --data DIR --out runs/l3` · made for a GPU: on 2 cores a step of 256 takes 4.6 minutes and 6.9 GB at most,
 * so no run has been whole yet.
 */
export const l3: CorrespondenceConfig = {
  task: 'correspondence',
  preset: 'l3',
  seed: 0,
  steps: null,
  epochs: 100,
  batchSize: 256,
  rowsAtOnce: 16,
  learningRate: 1e-4,
  warmup: 0.01, // Adam’s first step moves every weight by the whole rate: at this width the branches’ loss leaps from 1.0 to 4.6
  schedule: 'constant',
  weightDecay: { amount: 1e-5, kind: 'l2' },
  batchNormMomentum: 0.99,
  precision: 'float32',
  dropout: 0,
  choose: 'best',
  earlyStop: null,
  logEvery: 10,
  evalEvery: 500,
  saveEvery: 100,
  branches: { audio: null, image: null },
  learns: 'all',
  canonical: plainCanonical,
  batchReuse: 1,
  pairsOfBatch: 'shuffled',
  matchesPerClip: 1,
  calibrate: false,
  ...noAugment,
  plainEnd: 0,
  alignment: { weight: 0, scale: 10, withinSides: false },
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
  network: l3Network,
};
