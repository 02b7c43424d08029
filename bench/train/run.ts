import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type ProgressOutput, startProgress } from '#core/progress.ts';
import { median } from '#node/median.ts';
import { type Contestant, startContestant } from '../contestant.ts';
import { provideDataset } from '../data/provideDataset.ts';
import { describeMachine, type Machine } from '../machine.ts';
import { pythonEnvironment } from '../pythonEnvironment.ts';
import { measureLoaderOverhead } from './loaderOverhead.ts';
import { type Answer, startTrainer } from './startTrainer.ts';

export interface TrainBenchOptions {
  cacheFolder: string;
  /** Factor of L3-Net's channels. */
  width: number;
  /** Of the first convolution. */
  stemStride: 1 | 2;
  batchSize: number;
  /** Of this trainer's convolutions, and of PyTorch's by autocast; tfjs has float32 alone. */
  precision: 'float32' | 'bf16';
  /** Of each contestant in a block. */
  steps: number;
  /** Turns of each contestant. */
  blocks: number;
  output: ProgressOutput;
}

const names = ['clapper', 'tfjs', 'pytorch', 'pytorch-compiled'] as const;
type Name = (typeof names)[number];

export interface TrainBenchReport {
  runs: {
    name: Name;
    msPerStep: number;
    /** Sounds with their pictures. */
    pairsPerSecond: number;
    /** Of the processor's memory. Null where the system does not say. */
    peakBytes: number | null;
    /** Of processor time. PyTorch's threads count while they wait. */
    cpuMsPerStep: number | null;
  }[];
  /** Medians of the blocks' ratios; below 1, this trainer is faster, or smaller. */
  ratios: {
    /** Of eager PyTorch. */
    timeVsPytorch: number;
    /** Of `torch.compile`. */
    timeVsCompiled: number;
    /** Of the faster of both, block by block. */
    timeVsBestPytorch: number;
    timeVsTfjs: number;
    memoryVsPytorch: number | null;
    /** Time of a step with the loader's batches beside it, against one on a batch in memory: preset `small`. */
    loaderOverhead: number;
  };
  /** Milliseconds a step, side by side. */
  blocks: Record<Name, number>[];
  /** Single steps. */
  loaderSteps: { memory: number; loader: number }[];
  work: typeof work & { width: number; stemStride: number; batchSize: number; precision: string; steps: number };
  /** The faster of two in a short trial, and what PyTorch computed on. */
  pytorch: { format: 'channels_last' | 'default'; device: string };
  machine: Machine;
}

/** L3-Net (`training/presets/l3.ts`); all compute the spectrogram, from waveforms in memory. */
const work = { pictureSize: 224, samples: 48_000, headUnits: 128, learningRate: 1e-4 };
const channels = [64, 128, 256, 512];

/**
 * The training step of this trainer, of tfjs' own layers and of PyTorch, eager and compiled: the same network and batch size, in turns whose order
 * changes from block to block, so that what else the machine does hits all of them.
 */
export async function benchTrain(options: TrainBenchOptions): Promise<TrainBenchReport> {
  const { cacheFolder, width, stemStride, batchSize, precision, steps, blocks, output } = options;
  const requirementsFile = pathTo('../requirements.txt');
  const python = await pythonEnvironment({ requirementsFile, cacheFolder, output });
  const folder = await provideDataset(cacheFolder, output);

  const settings = {
    ...work,
    channels: channels.map((number) => Math.max(1, Math.round(number * width))),
    stemStride,
    batchSize,
    precision,
    cores: availableParallelism(),
  };
  const pytorch = await chooseFormat(python, settings);
  const shared = { preset: 'l3', folder, width, stemStride, batchSize };
  const inPytorch = (compile: boolean) =>
    startContestant<Answer>(python, [
      pathTo('./pytorch.py'),
      JSON.stringify({ ...settings, format: pytorch.format, compile }),
    ]);
  const contestants: Record<Name, Contestant<Answer>> = {
    clapper: startTrainer({ ...shared, trainer: 'clapper', precision }),
    tfjs: startTrainer({ ...shared, trainer: 'tfjs' }),
    pytorch: inPytorch(false),
    'pytorch-compiled': inPytorch(true),
  };
  const progress = startProgress({ label: 'block', total: blocks, output });
  const results: Record<Name, number>[] = [];
  const cpuSeconds = { clapper: 0, tfjs: 0, pytorch: 0, 'pytorch-compiled': 0 };
  const measure = async (name: Name, count: number) => {
    const { ask, tree } = contestants[name];
    const before = tree.cpuSeconds() ?? Number.NaN;
    const answer = await ask(JSON.stringify({ steps: count, from: 'memory' }));
    cpuSeconds[name] += (tree.cpuSeconds() ?? Number.NaN) - before;
    return (1000 * answer.seconds) / answer.steps;
  };
  try {
    for (const name of names) await measure(name, 3); // memory taken, code compiled
    for (const name of names) cpuSeconds[name] = 0;
    for (let block = 0; block < blocks; block++) {
      const ms = { clapper: 0, tfjs: 0, pytorch: 0, 'pytorch-compiled': 0 };
      for (const name of block % 2 === 0 ? names : names.toReversed()) ms[name] = await measure(name, steps);
      results.push(ms);
      progress.update(block + 1, names.map((name) => `${name} ${ms[name].toFixed(0)} ms`).join(', '));
    }
    const runs = names.map((name) => {
      const msPerStep = median(results.map((result) => result[name]));
      const cpu = (1000 * cpuSeconds[name]) / (blocks * steps);
      return {
        name,
        msPerStep,
        pairsPerSecond: (1000 * batchSize) / msPerStep,
        peakBytes: contestants[name].tree.peakBytes(),
        cpuMsPerStep: Number.isNaN(cpu) ? null : cpu,
      };
    });
    for (const name of names) contestants[name].end();
    progress.end();

    const loaderSteps = await measureLoaderOverhead({ folder, output });
    const [own, , other] = runs.map(({ peakBytes }) => peakBytes);
    return {
      runs,
      ratios: {
        timeVsPytorch: median(results.map(({ clapper, pytorch }) => clapper / pytorch)),
        timeVsCompiled: median(results.map((ms) => ms.clapper / ms['pytorch-compiled'])),
        timeVsBestPytorch: median(results.map((ms) => ms.clapper / Math.min(ms.pytorch, ms['pytorch-compiled']))),
        timeVsTfjs: median(results.map(({ clapper, tfjs }) => clapper / tfjs)),
        memoryVsPytorch: own && other ? own / other : null,
        loaderOverhead: median(loaderSteps.map(({ memory, loader }) => loader / memory)),
      },
      blocks: results,
      loaderSteps,
      work: { ...work, width, stemStride, batchSize, precision, steps },
      pytorch,
      machine: describeMachine(),
    };
  } finally {
    progress.end();
    for (const name of names) contestants[name].end();
  }
}

async function chooseFormat(python: string, settings: object): Promise<TrainBenchReport['pytorch']> {
  const trial = startContestant<TrainBenchReport['pytorch']>(python, [
    pathTo('./pytorch.py'),
    JSON.stringify(settings),
  ]);
  try {
    return await trial.ask('');
  } finally {
    trial.end();
  }
}

function pathTo(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
