import type { Experiment } from '../experiment.ts';
import { mfccForest, mfccSvm } from './mfcc.ts';
import { natureLabels, naturePairs } from './nature.ts';
import { strongFolds } from './strongFolds.ts';

/** In the order of the table. */
export const experiments: Experiment[] = [mfccSvm, mfccForest, strongFolds, natureLabels, naturePairs];
