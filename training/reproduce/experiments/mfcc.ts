import { readWaveform, soundFile } from '#core/datasets/clipFiles.ts';
import { centreInWindow } from '#core/media/windows.ts';
import { openShards } from '#node/datasets/shards.ts';
import { growForest } from '../../baselines/forest.ts';
import { mfccFeatures } from '../../baselines/mfcc.ts';
import { type Example, openLabelledDataset } from '../../classify/examples.ts';
import { categoriesOf, classifyExamples } from '../../classify/judge.ts';
import { svmClassifiers } from '../../classify/probe/svmClassifier.ts';
import type { Experiment } from '../experiment.ts';
import { type Fold, overFolds } from '../folds.ts';
import type { Tools } from '../tools.ts';
import { esc50 } from './datasets.ts';

const protocol = 'ESC-50, 5 official folds; mean and deviation of 12 MFCCs and of the zero-crossing rate';
const seed = 0;

export const mfccSvm: Experiment = {
  name: 'mfcc-svm',
  title: 'SVM on MFCC, ESC-50',
  published: '.396 (report .40)',
  protocol: `${protocol}; one linear SVM a class, C = 0.1`,
  minutes: 3,
  seed,
  difference:
    'The author’s SVM is LIBSVM’s, one for every two classes; ours is one for each class against all others. His sounds were decoded from the first release, ours from a second Vorbis copy.',
  run: (tools) =>
    measure(tools, ({ train, test, classes }, featuresOf) => {
      const [fitted] = [
        ...svmClassifiers(train.map(featuresOf), {
          input: 'features',
          categories: categoriesOf(train),
          classes,
          costs: [0.1],
        }),
      ];
      const rows = test.map(featuresOf);
      const { model } = fitted as NonNullable<typeof fitted>;
      const probabilities = classifyExamples(model, { rows, owners: rows.map((_, i) => i) });
      model.dispose();
      return probabilities;
    }),
};

export const mfccForest: Experiment = {
  name: 'mfcc-forest',
  title: 'Random Forest on MFCC, ESC-50',
  published: '.443 (report .44)',
  protocol: `${protocol}; 500 trees`,
  minutes: 5,
  seed,
  difference: 'His sounds were decoded from the first release, ours from a second Vorbis copy.',
  run: (tools) =>
    measure(tools, ({ train, test, classes }, featuresOf) => {
      const classify = growForest(train.map(featuresOf), categoriesOf(train), { trees: 500, classes, seed });
      return test.map((example) => classify(featuresOf(example)));
    }),
};

async function measure(
  tools: Tools,
  predict: (fold: Fold, featuresOf: (example: Example) => Float32Array) => Float32Array[],
) {
  const folder = await esc50(tools);
  const { info, shards, train, test } = await openLabelledDataset({
    folder,
    testFold: 1,
    validationFold: null,
    sense: 'audio',
  });
  const samples = 5 * info.sampleRate;
  const describe = mfccFeatures(info.sampleRate, samples);
  const files = openShards(shards);
  const features = new Map(
    [...train, ...test].map(({ line }) => {
      const waveform = centreInWindow(readWaveform(files, soundFile(line)), samples);
      return [line.clip.key, describe(waveform)] as const;
    }),
  );
  const featuresOf = ({ line }: Example) => features.get(line.clip.key) as Float32Array;
  return { values: await overFolds(folder, (fold) => predict(fold, featuresOf)) };
}
