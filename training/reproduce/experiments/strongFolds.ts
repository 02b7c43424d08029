import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../experiment.ts';
import { type FoldAccuracy, folds, foldValues } from '../folds.ts';
import { at44100Hz, esc50 } from './datasets.ts';

export const strongFolds: Experiment = {
  name: 'strong',
  title: 'best recipe from random weights, ESC-50',
  published: 'humans .813, EnvNet-v2 .849',
  protocol:
    'ESC-50, 5 official folds, one network a fold (`--preset strong`), nothing chosen by the tested fold; judged as a bundle in ONNX Runtime',
  minutes: 100,
  seed: 0,
  difference: null,
  async run(tools) {
    const data = await esc50(tools);
    const accuracies: FoldAccuracy[] = [];
    const histories: { name: string; run: string }[] = [];
    for (const fold of folds) {
      const recipe = ['--preset', 'strong', '--from', 'random', '--data', data, '--set', `testFold=${fold}`];
      const { run } = await tools.train(`strong-fold${fold}`, [...recipe, ...at44100Hz]);
      const bundle = join(run, 'bundle');
      if (!existsSync(join(bundle, 'manifest.json'))) await tools.ask(['export', '--checkpoint', run, '--out', bundle]);
      const judged = await tools.ask(['evaluate', '--bundle', bundle, '--dataset', data, '--fold', `${fold}`]);
      const [metrics] = Object.values((judged as { classifiers: Record<string, FoldAccuracy> }).classifiers);
      accuracies.push(metrics as FoldAccuracy);
      histories.push({ name: `fold ${fold}`, run });
    }
    return { values: foldValues(accuracies), histories };
  },
};
