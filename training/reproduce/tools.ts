import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '#core/errors.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { hasBf16 } from '../ops/conv3x3.ts';
import { readState } from '../run/checkpoint.ts';

const command = fileURLToPath(new URL('../../bin/clapper.mjs', import.meta.url));

/** What an experiment works with. */
export interface Tools {
  /** Of collections, as `esc50` in it. */
  collection(name: string): string;
  /** Where datasets and runs are kept. */
  work: string;
  /** Prepares a dataset, unless it stands there. @param args of `clapper prepare` but for --out. @returns its folder. */
  dataset(name: string, args: string[]): Promise<string>;
  /** Trains, or goes on. @param args of `clapper train` but for --out. @returns the run's folder and what it measured on its test split. */
  train(name: string, args: string[]): Promise<{ run: string; metrics: Record<string, number> }>;
  /** The other commands' steps so far. */
  steps: string[];
  /** Whether a run stood there already. */
  wentOn(): boolean;
  output: ProgressOutput;
}

export interface ToolsOptions {
  /** Where the collections lie. */
  data: string;
  /** Where datasets and runs are kept. */
  work: string;
  output: ProgressOutput;
}

export function createTools({ data, work, output }: ToolsOptions): Tools {
  const steps: string[] = [];
  let wentOn = false;
  const clapper = async (args: string[]) => {
    const shown = args.map((arg) => arg.replace(`${work}/`, '').replace(`${data}/`, '')).join(' ');
    steps.push(`clapper ${shown}`);
    output.write(`clapper ${shown}\n`);
    const code = await new Promise<number | null>((resolve, reject) => {
      const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
      child.on('error', reject);
      child.on('exit', resolve);
    });
    if (code !== 0)
      throw new InputError(`\`clapper ${shown}\` failed: see above. The same command goes on from there.`);
  };
  return {
    collection(name) {
      const folder = join(data, name);
      if (existsSync(folder)) return folder;
      throw new InputError(`Expected the collection ${name} in ${data}: name its folder with --data.`, 'not_found');
    },
    async dataset(name, args) {
      const folder = join(work, 'data', name);
      if (!existsSync(join(folder, 'dataset.json'))) await clapper(['prepare', ...args, '--out', folder]);
      return folder;
    },
    async train(name, args) {
      const run = join(work, name);
      wentOn ||= existsSync(join(run, 'config.json'));
      const precision = hasBf16() ? ['--set', 'precision=bf16'] : [];
      await clapper(['train', ...args, ...precision, '--out', run, '--resume']);
      return { run, metrics: await metricsOf(run) };
    },
    work,
    steps,
    wentOn: () => wentOn,
    output,
  };
}

/** Of the run's last checkpoint. */
async function metricsOf(run: string): Promise<Record<string, number>> {
  const lines = (await readFile(join(run, 'metrics.jsonl'), 'utf8')).trim().split('\n');
  const { step } = JSON.parse(lines.at(-1) as string) as { step: number };
  return (await readState(join(run, `step-${step}`))).metrics;
}
