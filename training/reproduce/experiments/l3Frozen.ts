import { readWaveform, soundFile } from '#core/datasets/clipFiles.ts';
import { centreInWindow } from '#core/media/windows.ts';
import { startProgress } from '#core/progress.ts';
import { openShards } from '#node/datasets/shards.ts';
import type { SvmConfig } from '../../classify/config.ts';
import { encodeExamples } from '../../classify/encodeExamples.ts';
import { type Encoder, encoderFrom, randomEncoder } from '../../classify/encoder.ts';
import { type Example, type LabelledDataset, openLabelledDataset } from '../../classify/examples.ts';
import { classifyExamples, type WindowRows } from '../../classify/judge.ts';
import { resolveConfig } from '../../config.ts';
import { stackRows } from '../../encode.ts';
import { trainBranch } from '../../model/trainBranch.ts';
import { findPreset } from '../../presets/index.ts';
import { openCheckpoint } from '../../run/openCheckpoint.ts';
import { tf } from '../../tensorflow/load.ts';
import type { Experiment } from '../experiment.ts';
import { fitProbe } from '../fitProbe.ts';
import { overFolds } from '../folds.ts';
import type { Tools } from '../tools.ts';
import { esc50 } from './datasets.ts';
import { type L3Size, l3Name, l3Network, l3Row } from './l3Settings.ts';
import { learnFromVideos } from './realVideos.ts';

const seed = 0;

const settled =
  'Batch normalisation has the statistics of 64 seconds of sound, as after training without a gradient: with a mean of 0 and a variance of 1 what a ' +
  'log-spectrogram’s offset leaves of random weights is nearly linear.';

export function l3FrozenRandom(size: L3Size): Experiment {
  const title = 'L3 audio branch, random weights, frozen conv4_2 + linear SVM, ESC-50';
  return {
    ...l3Row('l3-frozen-random', size, { title, minutes: [4, 5] }),
    published: 'paper .625',
    ...{ protocol: protocol(size), seed },
    difference: {
      quarter: `${settled} A quarter of the channels give a quarter of the paper’s 6,144 numbers: the next row has all of them.`,
      whole:
        `${settled} What is left to the paper’s number was looked for in a sketch in PyTorch, of fold 1: ten windows a sound .527, the mean of their ` +
        'numbers .553, Glorot’s weights .510, the mean in place of the maximum .537, no last ReLU .517.',
    }[size],
    run: (tools) =>
      measure(tools, size, async (network, { train, shards }) => {
        const encoder = randomEncoder('audio', { network, seed });
        settleBatchNorm(encoder, await someSeconds(encoder, { train, shards }));
        return encoder;
      }),
  };
}

export function l3FrozenPretrained(size: L3Size): Experiment {
  const title = 'L3 audio branch, learnt from real videos, frozen conv4_2 + linear SVM, ESC-50';
  const width = size === 'quarter' ? 'is four times as wide and ' : '';
  return {
    ...l3Row('l3-frozen-pretrained', size, { title, minutes: [10, 40] }),
    published: 'paper .793',
    ...{ protocol: protocol(size), seed },
    difference: `The paper’s network ${width}learnt from 400,000 videos; this one from about 70.`,
    run: (tools) =>
      measure(tools, size, async () => {
        const { run } = await learnFromVideos(tools, size);
        const { state, models } = await openCheckpoint(run);
        return encoderFrom(models, { sense: 'audio', config: state.config.model });
      }),
  };
}

function protocol(size: L3Size): string {
  const windows = {
    quarter: 'the five seconds of each sound one after the other',
    whole: 'a second every half second',
  };
  return (
    `ESC-50, 5 official folds; conv4_2 max-pooled, ${windows[size]}, z-score, one linear SVM a class, scores averaged over windows; C by the lowest of ` +
    `the folds learnt from; ${l3Name(size)}`
  );
}

type Network = SvmConfig['network'];
type Learnt = Pick<LabelledDataset, 'train' | 'shards'>;

/** Of every so many sounds the third second, `[64, samples]`. */
async function someSeconds({ config }: Encoder, { train, shards }: Learnt): Promise<Float32Array[]> {
  const { samples, sampleRate } = config.spectrogram;
  const files = openShards(shards);
  const chosen = train.filter((_, i) => i % Math.ceil(train.length / 64) === 0);
  return chosen.map(({ line }) => {
    const second = readWaveform(files, soundFile(line), { startSample: 2 * sampleRate, samples });
    return centreInWindow(second, samples);
  });
}

/** One step without a gradient, whose statistics stay. */
function settleBatchNorm({ branch, frontends }: Encoder, waveforms: Float32Array[]): void {
  tf.tidy(() => {
    const spectrograms = frontends.spectrogram(stackRows(waveforms));
    trainBranch(branch, spectrograms, { batchNormMomentum: 0, precision: 'float32' });
  });
}

/** Every sound is encoded once; then SVMs are fitted fold by fold. */
async function measure(tools: Tools, size: L3Size, encoderOf: (network: Network, learnt: Learnt) => Promise<Encoder>) {
  const folder = await esc50(tools);
  const settings = ['from=random', `data.folder=${folder}`, ...l3Network(size)];
  const { network, costs } = resolveConfig(findPreset('probe', 'classify'), settings) as SvmConfig;
  const { shards, train, test } = await openLabelledDataset({
    folder,
    testFold: 1,
    validationFold: null,
    sense: 'audio',
  });
  const encoder = await encoderOf(network, { train, shards });
  const all = [...train, ...test];
  const progress = startProgress({ label: 'sound', total: all.length, output: tools.output });
  const onEncoded = (count: number) => progress.update(count);
  const hopSeconds = size === 'quarter' ? 1 : 0.5;
  const { features, owners } = await encodeExamples(encoder, all, {
    shards,
    workers: 1,
    ahead: 2,
    hopSeconds,
    onEncoded,
  });
  progress.end();
  const rowsOf = new Map<string, Float32Array[]>();
  for (const [i, owner] of owners.entries()) {
    const { key } = (all[owner] as Example).line.clip;
    rowsOf.set(key, [...(rowsOf.get(key) ?? []), features[i] as Float32Array]);
  }
  const windowsOf = (examples: Example[]): WindowRows => {
    const own = examples.map(({ line }) => rowsOf.get(line.clip.key) as Float32Array[]);
    return { rows: own.flat(), owners: own.flatMap((rows, i) => rows.map(() => i)) };
  };
  const values = await overFolds(folder, ({ train, test, classes }) => {
    const model = fitProbe(train, { classes, costs, windowsOf });
    const probabilities = classifyExamples(model, windowsOf(test));
    model.dispose();
    return probabilities;
  });
  return { values };
}
