import type { Experiment } from '../experiment.ts';
import { ablations } from './ablations.ts';
import { autoencoder } from './autoencoder.ts';
import { firstSteps } from './firstSteps.ts';
import { l3Tuned, l3TunedFolds } from './l3FineTune.ts';
import { l3FrozenPretrained, l3FrozenRandom } from './l3Frozen.ts';
import { l3Image } from './l3Image.ts';
import { type L3Size, l3Sizes } from './l3Settings.ts';
import { mfccForest, mfccSvm } from './mfcc.ts';
import { natureDistilled, natureLabels, naturePairs } from './nature.ts';
import { natureBundle } from './natureBundle.ts';
import { photoNumbers } from './photoNumbers.ts';
import { precision } from './precision.ts';
import { realVideos } from './realVideos.ts';
import { realVideosOnDistilled } from './realVideosOnDistilled.ts';
import { realVideosOnImageNet } from './realVideosOnImageNet.ts';
import { realVideosOnNature } from './realVideosOnNature.ts';
import { strongFolds } from './strongFolds.ts';

const sized = (...rows: ((size: L3Size) => Experiment)[]) => rows.flatMap((row) => l3Sizes.map(row));

/** In the order of the table. */
export const experiments: Experiment[] = [
  ...[mfccSvm, mfccForest, autoencoder],
  ...(['random', 'pretrained'] as const).flatMap((start) =>
    sized(
      (size) => l3Tuned(start, size),
      (size) => l3TunedFolds(start, size),
    ),
  ),
  ...[...sized(l3FrozenRandom, l3FrozenPretrained), strongFolds],
  ...(['random', 'pretrained'] as const).flatMap((start) => sized((size) => l3Image(start, size))),
  ...[natureLabels, natureDistilled, naturePairs, natureBundle, ...sized(realVideos)],
  ...[realVideosOnNature, realVideosOnDistilled, realVideosOnImageNet],
  ...[photoNumbers],
  ...[ablations, precision, firstSteps],
];
