import type { CorrespondenceConfig } from '../correspondence/config.ts';
import { l3 } from './l3.ts';
import { l3Network } from './l3Network.ts';

/**
 * L3-Net with a stem of stride 2 (as in Objects that Sound, 2018) and 128 mel bands: about four times cheaper, and every encoded
 * batch matched against eight shuffles of itself.
 * `npx clapper train --preset l3-fast --data DIR --out runs/l3-fast` · made for a GPU: on 2 cores a step of 128 takes 25 seconds and 5.4 GB at
 * most; no run has been whole yet.
 */
export const l3Fast: CorrespondenceConfig = {
  ...l3,
  preset: 'l3-fast',
  batchSize: 128,
  rowsAtOnce: 64,
  learningRate: 5e-4,
  warmup: 0.02,
  schedule: 'cosine',
  batchNormMomentum: 0.95,
  matchesPerClip: 8,
  alignment: { weight: 1, scale: 10, withinSides: false },
  network: { ...l3Network, stemStride: 2, frontend: 'mel', minHz: 50 },
};
