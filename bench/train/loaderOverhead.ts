import { setTimeout as sleep } from 'node:timers/promises';
import { type ProgressOutput, startProgress } from '#core/progress.ts';
import { startTrainer } from './startTrainer.ts';

export interface LoaderOverheadOptions {
  /** Of a prepared dataset. */
  folder: string;
  output: ProgressOutput;
}

/** What is measured is a few hundredths of a step, and a block alone is known to as many. */
const blocks = 10;
/** Of either kind in a block. */
const steps = 10;

/**
 * Steps on the loader's batches against steps on one batch in memory, with the preset `small`, in turns in one process.
 *
 * @returns milliseconds a step.
 */
export async function measureLoaderOverhead(
  options: LoaderOverheadOptions,
): Promise<{ memory: number; loader: number }[]> {
  const { folder, output } = options;
  const trainer = startTrainer({ trainer: 'clapper', preset: 'small', folder });
  const progress = startProgress({ label: 'block with the loader', total: blocks, output });
  const measure = async (from: 'memory' | 'loader', count: number) => {
    const answer = await trainer.ask(JSON.stringify({ steps: count, from }));
    if (from === 'loader') await sleep(1500); // until its workers have filled what they keep ahead, and rest
    return (1000 * answer.seconds) / answer.steps;
  };
  const results: { memory: number; loader: number }[] = [];
  try {
    await measure('memory', 3);
    await measure('loader', 3);
    for (let block = 0; block < blocks; block++) {
      const ms = { memory: 0, loader: 0 };
      const order = ['memory', 'loader'] as const;
      for (const from of block % 2 === 0 ? order : order.toReversed()) ms[from] = await measure(from, steps);
      results.push(ms);
      progress.update(block + 1, `${ms.loader.toFixed(0)} ms, ${ms.memory.toFixed(0)} ms from memory`);
    }
    return results;
  } finally {
    progress.end();
    trainer.end();
  }
}
