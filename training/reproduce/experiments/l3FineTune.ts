import type { Experiment } from '../experiment.ts';
import { type FoldAccuracy, folds, foldValues } from '../folds.ts';
import type { Tools } from '../tools.ts';
import { sets, valueFrom } from '../values.ts';
import { esc50 } from './datasets.ts';
import { firstSeconds } from './firstSeconds.ts';
import { l3Name, l3Network } from './l3Settings.ts';
import { learnFromVideos } from './realVideos.ts';

const seed = 0;
const network = `${l3Name(0.25)}, all of it trained with a hidden layer of 128, 25 epochs`;
const reportProtocol = `the report’s: the first second of each sound of ESC-50, 80 of 100 drawn by chance to learn from; ${network}`;
const foldProtocol = `ESC-50, 5 official folds, windows of a second, scores averaged over them; ${network}`;
const few = 'The report’s network is four times as wide and learnt from 5,000 videos; this one from about 70.';
const narrow = 'The report’s network is four times as wide, and learnt twice as long.';

type Start = (tools: Tools) => Promise<string>;
const random: Start = async () => 'random';
const fromVideos: Start = async (tools) => (await learnFromVideos(tools)).run;

export const l3TunedRandom = byReport('l3-tuned-random', {
  title: 'L3 audio branch, random weights, fine-tuned, the report’s split',
  published: 'report accuracy .51, precision .59, recall .53, F1 .52',
  difference: narrow,
  from: random,
});

export const l3TunedPretrained = byReport('l3-tuned-pretrained', {
  title: 'L3 audio branch, learnt from real videos, fine-tuned, the report’s split',
  published: 'report accuracy .63, precision .65, recall .63, F1 .61',
  difference: few,
  from: fromVideos,
});

export const l3TunedRandomFolds = byFolds('l3-tuned-random-folds', {
  title: 'L3 audio branch, random weights, fine-tuned, official folds',
  published: 'report .51 (a split of its own)',
  difference: narrow,
  from: random,
});

export const l3TunedPretrainedFolds = byFolds('l3-tuned-pretrained-folds', {
  title: 'L3 audio branch, learnt from real videos, fine-tuned, official folds',
  published: 'report .63 (a split of its own)',
  difference: few,
  from: fromVideos,
});

type Row = Pick<Experiment, 'title' | 'published' | 'difference'> & { from: Start };

function byReport(name: string, { from, ...row }: Row): Experiment {
  return {
    ...{ name, ...row, seed },
    protocol: reportProtocol,
    minutes: 4,
    async run(tools) {
      const data = await firstSeconds(tools);
      const { run, metrics } = await tune(tools, { name, data, fold: 1, from: await from(tools) });
      const names = { accuracy: 'accuracy', precision: 'macroPrecision', recall: 'macroRecall', F1: 'macroF1' };
      return {
        values: Object.entries(names).map(([shown, metric]) => valueFrom(shown, metrics, metric)),
        histories: [{ name: 'classify', run }],
      };
    },
  };
}

function byFolds(name: string, { from, ...row }: Row): Experiment {
  return {
    ...{ name, ...row, seed },
    protocol: foldProtocol,
    minutes: 20,
    async run(tools) {
      const data = await esc50(tools);
      const start = await from(tools);
      const accuracies: FoldAccuracy[] = [];
      const histories: { name: string; run: string }[] = [];
      for (const fold of folds) {
        const { run, metrics } = await tune(tools, { name: `${name}-${fold}`, data, fold, from: start });
        accuracies.push(metrics as FoldAccuracy);
        histories.push({ name: `fold ${fold}`, run });
      }
      return { values: foldValues(accuracies), histories };
    },
  };
}

interface Tuning {
  name: string;
  data: string;
  fold: number;
  from: string;
}

function tune({ train, l3Width }: Tools, { name, data, fold, from }: Tuning) {
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
    ...(l3Width < 1 ? short : []),
  ];
  return train(`${name}-${l3Width}`, [
    ...['--preset', 'fine-tune', '--from', from, '--data', data],
    ...sets(...recipe, ...l3Network(l3Width), `seed=${seed}`),
  ]);
}
