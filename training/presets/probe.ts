import type { SvmConfig } from '../classify/config.ts';
import { l3Network } from './l3Network.ts';

/**
 * The paper's probe: a linear SVM on the frozen branch's conv4_2, max-pooled to 6144 numbers; C by the validation split.
 * `npx clapper train --preset probe --from runs/l3 --data DIR --out runs/probe --set testFold=1 --set validationFold=2`
 */
export const probe: SvmConfig = {
  task: 'classify',
  preset: 'probe',
  classifier: 'svm',
  from: '',
  branch: null,
  seed: 0,
  costs: [1e-5, 1e-4, 1e-3, 1e-2],
  data: { folder: '', testFold: null, validationFold: null, workers: 2, ahead: 2 },
  network: l3Network,
};
