import { noAugment } from '../augment/config.ts';
import { type ClassifyConfig, noTeacher } from '../classify/config.ts';
import { publishedAugmentation } from '../data/loader/augmentation.ts';
import { l3Network } from './l3Network.ts';

/**
 * The student report's fine-tuning: the branch of a trained network, 512 → 128 → ReLU → classes, all of it trained.
 * `npx clapper train --preset fine-tune --from runs/l3 --data DIR --out runs/fine-tune --set testFold=1 --set validationFold=2`
 */
export const fineTune: ClassifyConfig = {
  task: 'classify',
  preset: 'fine-tune',
  classifier: 'network',
  from: '',
  branch: null,
  seed: 0,
  steps: null,
  epochs: 50,
  batchSize: 128,
  rowsAtOnce: 16,
  learningRate: 1e-4,
  warmup: 0,
  schedule: 'constant',
  weightDecay: { amount: 1e-5, kind: 'l2' },
  batchNormMomentum: 0.99,
  precision: 'float32',
  dropout: 0,
  choose: 'best',
  earlyStop: null,
  logEvery: 10,
  evalEvery: 20,
  saveEvery: 20,
  name: null,
  hidden: 128,
  labelSmoothing: 0,
  logitAdjustment: 0,
  calibrate: false,
  mixup: 0,
  enlarge: 1,
  distil: noTeacher,
  ...noAugment,
  plainEnd: 0,
  data: {
    folder: '',
    testFold: null,
    validationFold: null,
    circularShift: false,
    augmentation: publishedAugmentation,
    workers: 2,
    ahead: 2,
  },
  network: l3Network,
};
