import type { Experiment } from '../experiment.ts';
import { type FoldAccuracy, folds, foldValues } from '../folds.ts';
import type { Tools } from '../tools.ts';
import { sets, valueFrom } from '../values.ts';
import { esc50 } from './datasets.ts';
import { firstSeconds } from './firstSeconds.ts';
import { type L3Size, l3Name, l3Network, l3Row } from './l3Settings.ts';
import { learnFromVideos } from './realVideos.ts';

const seed = 0;

type Start = 'random' | 'pretrained';
const starts = { random: 'random weights', pretrained: 'learnt from real videos' };

/** The report's split: one number of each kind that it gives. */
export function l3Tuned(start: Start, size: L3Size): Experiment {
  const row = l3Row(`l3-tuned-${start}`, size, {
    title: `L3 audio branch, ${starts[start]}, fine-tuned, the report’s split`,
    minutes: [4, 5],
  });
  return {
    ...{ ...row, seed, difference: difference(start, size) },
    published: {
      random: 'report accuracy .51, precision .59, recall .53, F1 .52',
      pretrained: 'report accuracy .63, precision .65, recall .63, F1 .61',
    }[start],
    protocol: `the report’s: the first second of each sound of ESC-50, 80 of 100 drawn by chance to learn from; ${networkOf(size)}`,
    async run(tools) {
      const data = await firstSeconds(tools);
      const from = await startOf(tools, start, size);
      const { run, metrics } = await tune(tools, size, { name: row.name, data, fold: 1, from });
      const names = { accuracy: 'accuracy', precision: 'macroPrecision', recall: 'macroRecall', F1: 'macroF1' };
      return {
        values: Object.entries(names).map(([shown, metric]) => valueFrom(shown, metrics, metric)),
        histories: [{ name: 'classify', run }],
      };
    },
  };
}

export function l3TunedFolds(start: Start, size: L3Size): Experiment {
  const row = l3Row(`l3-tuned-${start}-folds`, size, {
    title: `L3 audio branch, ${starts[start]}, fine-tuned, official folds`,
    minutes: [20, 60],
  });
  return {
    ...{ ...row, seed },
    difference:
      'The report learnt and heard the first second of each sound alone; here every second is learnt, and all of them are heard.',
    published: `report ${{ random: '.51', pretrained: '.63' }[start]} (a split of its own)`,
    protocol: `ESC-50, 5 official folds, windows of a second, scores averaged over them; ${networkOf(size)}`,
    async run(tools) {
      const data = await esc50(tools);
      const from = await startOf(tools, start, size);
      const accuracies: FoldAccuracy[] = [];
      const histories: { name: string; run: string }[] = [];
      for (const fold of folds) {
        const { run, metrics } = await tune(tools, size, { name: `${row.name}-${fold}`, data, fold, from });
        accuracies.push(metrics as FoldAccuracy);
        histories.push({ name: `fold ${fold}`, run });
      }
      return { values: foldValues(accuracies), histories };
    },
  };
}

function networkOf(size: L3Size): string {
  return `${l3Name(size)}, all of it trained with a hidden layer of 128, ${{ quarter: 25, whole: 50 }[size]} epochs`;
}

function difference(start: Start, size: L3Size): string {
  if (start === 'pretrained') {
    const width = size === 'quarter' ? 'is four times as wide and ' : '';
    return `The report’s network ${width}learnt from 5,000 videos; this one from about 70.`;
  }
  return size === 'quarter'
    ? 'The report’s network is four times as wide, and learnt twice as long.'
    : 'Which 20 of 100 sounds the report tested is not known.';
}

async function startOf(tools: Tools, start: Start, size: L3Size): Promise<string> {
  return start === 'random' ? start : (await learnFromVideos(tools, size)).run;
}

interface Tuning {
  name: string;
  data: string;
  fold: number;
  from: string;
}

function tune({ train }: Tools, size: L3Size, { name, data, fold, from }: Tuning) {
  const short = [
    'epochs=25',
    'learningRate=1e-3',
    'schedule=cosine',
    'warmup=0.05',
    'batchNormMomentum=0.9',
    'batchSize=32',
    'rowsAtOnce=null',
  ];
  const recipe = [
    'choose=last',
    `data.testFold=${fold}`,
    'evalEvery=5000',
    'saveEvery=200',
    ...(size === 'quarter' ? short : []),
  ];
  return train(name, [
    ...['--preset', 'fine-tune', '--from', from, '--data', data],
    ...sets(...recipe, ...l3Network(size), `seed=${seed}`),
  ]);
}
