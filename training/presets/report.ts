import type { CorrespondenceConfig } from '../correspondence/config.ts';
import { l3 } from './l3.ts';

/**
 * The student report of 2022: the paper's network, batches of 128, 100 epochs of 5,000 Flickr-SoundNet pairs.
 * `npx clapper train --preset report --data DIR --out runs/report` · made for a GPU: a step takes half of one of `l3`; no run has been whole yet.
 */
export const report: CorrespondenceConfig = { ...l3, preset: 'report', batchSize: 128 };
