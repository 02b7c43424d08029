import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Experiment } from '../experiment.ts';
import { plainValue, valueFrom } from '../values.ts';
import { largerShortSide, pairsByCategory } from './nature.ts';

/** Its folder. */
export const natureBundleFolder = fileURLToPath(new URL('../../../models/nature', import.meta.url));

type Metrics = Record<string, number>;

/** Of `clapper evaluate --json`. */
type Evaluation = Metrics & {
  classifiers: Record<string, Metrics>;
  against: { better: number; of: number };
  drawings: string[];
};

export const natureBundle: Experiment = {
  name: 'nature-bundle',
  title: '`models/nature` as it is published: pairs, retrieval, calibration, categories',
  published: null,
  protocol:
    'the bundle in ONNX Runtime by `clapper evaluate`: fold 5 of all sounds and photos, unheard and unseen; retrieval: one of ten, of different ' +
    'categories; against rain: whether photos of a category have a higher mean score with their own sounds than with rain',
  minutes: 3,
  seed: 0,
  difference: null,
  onlyInResults: true,
  async run(tools) {
    const pairs = await pairsByCategory(tools, largerShortSide);
    const drawings = join(tools.work, 'nature-drawings');
    const judged = await tools.ask([
      ...['evaluate', '--bundle', natureBundleFolder, '--dataset', pairs],
      ...['--against', 'rain', '--drawings', drawings],
    ]);
    const { classifiers, against, drawings: files, ...ofPairs } = judged as Evaluation;
    const names = ['accuracy', 'pairs', 'rocAuc', 'calibrationError', 'pictureTop1', 'soundTop1'];
    return {
      values: [
        ...names.map((name) => valueFrom(name, ofPairs as Metrics, name)),
        plainValue('categories that score higher with their own sounds than with rain', against.better),
        plainValue('of so many', against.of),
        ...Object.entries(classifiers).flatMap(([name, metrics]) => [
          valueFrom(`${name}: accuracy`, metrics),
          plainValue(`${name}: balanced accuracy`, metrics.macroRecall as number),
          plainValue(`${name}: calibration error`, metrics.calibrationError as number),
        ]),
      ],
      pictures: files,
    };
  },
};
