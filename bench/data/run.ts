import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ProgressOutput, startProgress } from '#core/progress.ts';
import { median } from '#node/median.ts';
import { type Contestant, startContestant } from '../contestant.ts';
import { describeMachine, type Machine } from '../machine.ts';
import { pythonEnvironment } from '../pythonEnvironment.ts';
import { provideDataset } from './provideDataset.ts';

export interface DataBenchOptions {
  cacheFolder: string;
  /** Alternating blocks of either side. */
  blocks: number;
  /** Of each side, in all. */
  pairs: number;
  output: ProgressOutput;
}

type Name = 'clapper' | 'pytorch';
const names = ['clapper', 'pytorch'] as const;

export interface DataBenchReport {
  runs: {
    name: Name;
    pairsPerSecond: number;
    /** Of processor time, a pair: what another program takes of the machine changes it little. Null where the system does not say. */
    cpuMilliseconds: number | null;
    peakBytes: number | null;
  }[];
  ratios: { speedVsPytorch: number; cpuVsPytorch: number | null };
  /** Side by side; the ratio reported is their median. */
  blocks: { clapper: number; pytorch: number; ratio: number }[];
  /** Of our loader after each block. */
  memory: { pairs: number; bytes: (number | null)[] };
  work: typeof work;
  machine: Machine;
}

const work = { batchSize: 64, workers: 2, ahead: 4, samples: 48_000, size: 224 };
interface Answer {
  pairs: number;
  seconds: number;
}

/**
 * Pairs a second of the loader alone against PyTorch's, both with two workers on two cores, on the same files, one after the
 * other in turns, so that what else the machine does hits both.
 */
export async function benchData({ cacheFolder, blocks, pairs, output }: DataBenchOptions): Promise<DataBenchReport> {
  const python = await pythonEnvironment({ requirementsFile: pathTo('../requirements.txt'), cacheFolder, output });
  const folder = await provideDataset(cacheFolder, output);
  const request = JSON.stringify({ folder, ...work });
  const contestants = {
    clapper: start(process.execPath, [
      pathTo('../../node/program.mjs'),
      pathTo('../../training/data/loader/main.ts'),
      request,
    ]),
    pytorch: start(python, [pathTo('./pytorch.py'), request]),
  };
  const memory: (number | null)[] = [];
  const measure = async (name: Name, count: number) => {
    const { tree, ask } = contestants[name];
    const { pairs, seconds } = await ask(String(count));
    if (name === 'clapper') memory.push(tree.bytes());
    await sleep(1500); // until its workers have filled what they keep ahead, and rest
    return pairs / seconds;
  };

  const progress = startProgress({ label: 'block', total: blocks, output });
  const results: DataBenchReport['blocks'] = [];
  const cpuBefore = { clapper: 0, pytorch: 0 };
  try {
    for (const name of names) {
      await measure(name, 10 * work.batchSize); // imports, files into memory, code compiled
      cpuBefore[name] = contestants[name].tree.cpuSeconds() ?? 0;
    }
    memory.length = 0;
    for (let block = 0; block < blocks; block++) {
      const speed = { clapper: 0, pytorch: 0 };
      const count = Math.ceil(pairs / blocks);
      for (const name of block % 2 === 0 ? names : names.toReversed()) speed[name] = await measure(name, count);
      const ratio = speed.clapper / speed.pytorch;
      results.push({ ...speed, ratio });
      progress.update(block + 1, `${speed.clapper.toFixed(0)} against ${speed.pytorch.toFixed(0)} pairs/s`);
    }
    const runs = names.map((name) => {
      const { tree } = contestants[name];
      const cpuSeconds = tree.cpuSeconds();
      // What a block leaves ahead is of its time, too: as many batches as it found ready.
      const loaded = blocks * (Math.ceil(pairs / blocks / work.batchSize) + work.ahead + 1) * work.batchSize;
      return {
        name,
        pairsPerSecond: median(results.map((result) => result[name])),
        cpuMilliseconds: cpuSeconds === null ? null : (1000 * (cpuSeconds - cpuBefore[name])) / loaded,
        peakBytes: tree.peakBytes(),
      };
    });
    const [own, other] = runs.map(({ cpuMilliseconds }) => cpuMilliseconds);
    return {
      runs,
      ratios: {
        speedVsPytorch: median(results.map(({ ratio }) => ratio)),
        cpuVsPytorch: own && other ? other / own : null,
      },
      blocks: results,
      memory: { pairs, bytes: memory },
      work,
      machine: describeMachine(),
    };
  } finally {
    progress.end();
    for (const name of names) contestants[name].end();
  }
}

/** On two cores, where the machine has more and Linux can say which. */
function start(program: string, args: string[]): Contestant<Answer> {
  const isPinned = process.platform === 'linux' && availableParallelism() > 2;
  return isPinned
    ? startContestant('taskset', ['--cpu-list', '0,1', program, ...args])
    : startContestant(program, args);
}

function pathTo(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
