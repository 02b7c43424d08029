import type { Experiment } from '../experiment.ts';
import { ablations } from './ablations.ts';
import { autoencoder } from './autoencoder.ts';
import { firstSteps } from './firstSteps.ts';
import { l3TunedPretrained, l3TunedPretrainedFolds, l3TunedRandom, l3TunedRandomFolds } from './l3FineTune.ts';
import { l3FrozenPretrained, l3FrozenRandom } from './l3Frozen.ts';
import { l3ImagePretrained, l3ImageRandom } from './l3Image.ts';
import { mfccForest, mfccSvm } from './mfcc.ts';
import { natureLabels, naturePairs } from './nature.ts';
import { natureBundle } from './natureBundle.ts';
import { photoNumbers } from './photoNumbers.ts';
import { precision } from './precision.ts';
import { realVideos, realVideosOnNature } from './realVideos.ts';
import { strongFolds } from './strongFolds.ts';

/** In the order of the table. */
export const experiments: Experiment[] = [
  ...[mfccSvm, mfccForest, autoencoder],
  ...[l3TunedRandom, l3TunedRandomFolds, l3TunedPretrained, l3TunedPretrainedFolds],
  ...[l3FrozenRandom, l3FrozenPretrained, strongFolds],
  ...[l3ImageRandom, l3ImagePretrained],
  ...[natureLabels, naturePairs, natureBundle, realVideos, realVideosOnNature, photoNumbers],
  ...[ablations, precision, firstSteps],
];
