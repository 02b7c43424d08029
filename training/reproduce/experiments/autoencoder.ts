import { readWaveform, soundFile } from '#core/datasets/clipFiles.ts';
import { centreInWindow } from '#core/media/windows.ts';
import { type SpectrogramOptions, spectrogramShape } from '#core/spectrogram.ts';
import { openShards } from '#node/datasets/shards.ts';
import { learnAutoencoder, sidesDividedBy } from '../../baselines/autoencoder.ts';
import { type Example, openLabelledDataset } from '../../classify/examples.ts';
import { classifyExamples } from '../../classify/judge.ts';
import { createFrontends } from '../../model/frontends.ts';
import { tf } from '../../tensorflow/load.ts';
import type { Experiment } from '../experiment.ts';
import { fitProbe } from '../fitProbe.ts';
import { overFolds } from '../folds.ts';
import type { Tools } from '../tools.ts';
import { esc50 } from './datasets.ts';

const seed = 0;
const epochs = 10;
const bands = 32;
const costs = [1e-4, 1e-3, 1e-2, 1e-1];

export const autoencoder: Experiment = {
  name: 'autoencoder',
  title: 'Convolutional autoencoder’s features, ESC-50',
  published: '.399 (report .40)',
  protocol:
    'ESC-50, 5 official folds; log-mel spectrograms of 32 bands, an autoencoder of four convolutions and four back, 10 epochs on the folds learnt ' +
    'from; mean and deviation over time of its innermost numbers, z-score, one linear SVM a class; C by the lowest of the folds learnt from',
  minutes: 4,
  seed,
  difference:
    'The published one (SoundNet, Aytar et al. 2016) takes in waveforms and learnt from two million videos; this one from 1,600 spectrograms. Where in a sound something happens says little ' +
    'of what it is: the innermost numbers each in its place, not pooled over time, were right for .26 of a fold held out, pooled for .39.',
  async run(tools) {
    const folder = await esc50(tools);
    const { pictures, shape } = await spectrograms(tools, folder);
    const pictureOf = ({ line }: Example) => pictures.get(line.clip.key) as Float32Array;
    const values = await overFolds(folder, async ({ train, test, classes }) => {
      const learnt = await learnAutoencoder(train.map(pictureOf), shape, { epochs, seed, output: tools.output });
      tools.output.write(`  mean squared error ${learnt.error.toFixed(3)}\n`);
      const windowsOf = (examples: Example[]) => {
        const rows = learnt.encode(examples.map(pictureOf));
        return { rows, owners: rows.map((_, i) => i) };
      };
      const model = fitProbe(train, { classes, costs, windowsOf });
      const probabilities = classifyExamples(model, windowsOf(test));
      model.dispose();
      learnt.dispose();
      return probabilities;
    });
    return { values };
  },
};

/** Of every sound, z-scored over all of them, by its clip's key; cut to sides that the autoencoder halves without a rest. */
async function spectrograms(tools: Tools, folder: string) {
  const split = { folder, testFold: 1, validationFold: null, sense: 'audio' } as const;
  const { info, shards, train, test } = await openLabelledDataset(split);
  const options: SpectrogramOptions = {
    sampleRate: info.sampleRate,
    samples: 5 * info.sampleRate,
    windowLength: 2048,
    hopLength: 2048,
    nFft: 2048,
    nMels: bands,
    minHz: 40,
    maxHz: 20_000,
    logOffset: 1e-5,
  };
  const [rows, frames] = spectrogramShape(options);
  const columns = frames - (frames % sidesDividedBy);
  const unused = { width: 1, height: 1, shortSide: 1, scale: 1, offset: 0 };
  const { spectrogram } = createFrontends(options, unused);
  const files = openShards(shards);
  const pictures = new Map<string, Float32Array>();
  for (const { line } of [...train, ...test]) {
    const waveform = centreInWindow(readWaveform(files, soundFile(line)), options.samples);
    const logs = tf.tidy(() =>
      spectrogram(tf.tensor2d(waveform, [1, options.samples])).slice([0, 0, 0, 0], [1, rows, columns, 1]),
    );
    pictures.set(line.clip.key, logs.dataSync<'float32'>().slice());
    logs.dispose();
  }
  zScore([...pictures.values()]);
  tools.output.write(`${pictures.size} spectrograms of ${rows} × ${columns}\n`);
  return { pictures, shape: [rows, columns] as [number, number] };
}

/** In place: by one mean and one deviation, of which no category tells. */
function zScore(pictures: Float32Array[]): void {
  let [count, sum, squares] = [0, 0, 0];
  for (const picture of pictures) {
    for (const value of picture) [count, sum, squares] = [count + 1, sum + value, squares + value ** 2];
  }
  const mean = sum / count;
  const deviation = Math.sqrt(squares / count - mean ** 2);
  for (const picture of pictures) for (const [i, value] of picture.entries()) picture[i] = (value - mean) / deviation;
}
