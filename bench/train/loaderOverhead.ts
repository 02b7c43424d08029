import { type ProgressOutput, startProgress } from '#core/progress.ts';
import { startTrainer } from './startTrainer.ts';

export interface LoaderOverheadOptions {
  /** Of a prepared dataset. */
  folder: string;
  output: ProgressOutput;
}

/** Turns of a single step: what else the machine does changes within seconds, by more than what is measured. */
const turns = 100;

/**
 * Steps on the loader's batches against steps on one batch in memory, with the preset `small`, in turns in one process. The loader
 * makes one batch for each that is taken, and is done long before the step is: nothing of it falls into the other's turn.
 *
 * @returns milliseconds a step.
 */
export async function measureLoaderOverhead(
  options: LoaderOverheadOptions,
): Promise<{ memory: number; loader: number }[]> {
  const { folder, output } = options;
  const trainer = startTrainer({ trainer: 'clapper', preset: 'small', folder });
  const progress = startProgress({ label: 'step with the loader', total: turns, output });
  const measure = async (from: 'memory' | 'loader', steps = 1) => {
    const answer = await trainer.ask(JSON.stringify({ steps, from }));
    return (1000 * answer.seconds) / answer.steps;
  };
  const results: { memory: number; loader: number }[] = [];
  try {
    await measure('memory', 3);
    await measure('loader', 5); // those that were ready before cost nothing
    for (let turn = 0; turn < turns; turn++) {
      const ms = { memory: 0, loader: 0 };
      const order = ['memory', 'loader'] as const;
      for (const from of turn % 2 === 0 ? order : order.toReversed()) ms[from] = await measure(from);
      results.push(ms);
      progress.update(turn + 1, `${ms.loader.toFixed(0)} ms, ${ms.memory.toFixed(0)} ms from memory`);
    }
    return results;
  } finally {
    progress.end();
    trainer.end();
  }
}
