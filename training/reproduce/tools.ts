import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { writeAtomically } from '#node/atomic.ts';
import { hasBf16 } from '../ops/conv3x3.ts';
import { readState } from '../run/checkpoint.ts';
import { startTry } from './runTime.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const command = join(repository, 'bin', 'clapper.mjs');

/** What an experiment works with. */
export interface Tools {
  /** The folder of the collections. */
  collections: string;
  /** Of collections, as `esc50` in it. */
  collection(name: string): string;
  /** Where datasets and runs are kept. */
  work: string;
  /** Prepares a dataset, unless it stands there. @param args of `clapper prepare` but for --out. @returns its folder. */
  dataset(name: string, args: string[]): Promise<string>;
  /** Trains, or goes on: in bf16 where the processor has it, unless the arguments say in what. @param args of `clapper train` but for --out. */
  train(name: string, args: string[]): Promise<TrainedRun>;
  /** Runs another command. @returns the object that it prints with --json. */
  ask(args: string[]): Promise<unknown>;
  /** The other commands' steps so far. */
  steps: string[];
  /** Of the code, that each of the runs ended with; null: not known. */
  commits: (string | null)[];
  /** What the runs had taken before this time; null: not known of one of them. */
  earlierSeconds(): number | null;
  output: ProgressOutput;
}

export interface TrainedRun {
  /** The run's folder. */
  run: string;
  /** On its test split, of the checkpoint that it ended with. */
  metrics: Record<string, number>;
  /** On what it learnt from, the mean of what its last tenth of lines said; null: it was shorter than a line. */
  trainingAccuracy: number | null;
}

export interface ToolsOptions {
  /** Where the collections lie. */
  data: string;
  /** Where datasets and runs are kept. */
  work: string;
  output: ProgressOutput;
}

/** By a signal. */
export class Stopped extends InputError {}

export function createTools({ data, work, output }: ToolsOptions): Tools {
  const steps: string[] = [];
  const commits: (string | null)[] = [];
  let earlierSeconds: number | null = 0;
  const clapper = async (args: string[]): Promise<string> => {
    const shown = args.map((arg) => withoutFolders(arg, [work, data, repository])).join(' ');
    steps.push(`clapper ${shown}`);
    output.write(`clapper ${shown}\n`);
    const { code, signal, printed } = await run(args);
    if (signal) throw new Stopped(`Stopped by ${signal} in \`clapper ${shown}\`. The same command goes on from there.`);
    if (code !== 0)
      throw new InputError(`\`clapper ${shown}\` failed: see above. The same command goes on from there.`);
    return printed;
  };
  return {
    collections: data,
    collection(name) {
      const folder = join(data, name);
      if (existsSync(folder)) return folder;
      throw new InputError(`Expected the collection ${name} in ${data}: name its folder with --data.`, 'not_found');
    },
    async dataset(name, args) {
      const folder = join(work, 'data', name);
      const made = { collections: resolve(data), args: args.map((arg) => withoutFolders(arg, [work, data])) };
      if (!existsSync(join(folder, 'dataset.json'))) {
        await clapper(['prepare', ...args, '--out', folder]);
        await writeAtomically(`${folder}.made.json`, `${JSON.stringify(made, null, 2)}\n`);
      } else await expectMadeSo(folder, made);
      return folder;
    },
    async train(name, args) {
      const run = join(work, name);
      const isSaid = args.includes('probe') || args.some((arg) => arg.startsWith('precision='));
      const precision = hasBf16() && !isSaid ? ['--set', 'precision=bf16'] : [];
      const attempt = await startTry(run);
      earlierSeconds = sumOfKnown(earlierSeconds, attempt.earlierSeconds);
      try {
        await clapper(['train', ...args, ...precision, '--out', run, '--resume']);
      } finally {
        await attempt.end();
      }
      const { commit, ...measured } = await measuredOf(run);
      commits.push(commit);
      return { run, ...measured };
    },
    ask: async (args) => JSON.parse(await clapper([...args, '--json'])),
    work,
    steps,
    commits,
    earlierSeconds: () => earlierSeconds,
    output,
  };
}

interface Ended {
  code: number | null;
  /** Which stopped it, and this process with it. */
  signal: NodeJS.Signals | null;
  /** On stdout. */
  printed: string;
}

/** A command that is stopped may want to save: it is waited for. Ctrl-C reaches it by itself, for it is of the same terminal. */
function run(args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const printed: Buffer[] = [];
    let signal: NodeJS.Signals | null = null;
    const stop = (received: NodeJS.Signals) => {
      signal = received;
      if (received === 'SIGTERM') child.kill(received);
    };
    const signals = ['SIGINT', 'SIGTERM'] as const;
    for (const one of signals) process.on(one, stop);
    child.stdout.on('data', (bytes: Buffer) => printed.push(bytes));
    child.on('error', reject);
    child.on('close', (code) => {
      for (const one of signals) process.off(one, stop);
      resolve({ code, signal, printed: Buffer.concat(printed).toString('utf8') });
    });
  });
}

const madeSchema = z.strictObject({ collections: z.string(), args: z.array(z.string()) });

/** @throws {InputError} for a dataset that stands there, but of other collections or otherwise prepared than is asked for now. */
async function expectMadeSo(folder: string, asked: z.infer<typeof madeSchema>): Promise<void> {
  const file = `${folder}.made.json`;
  if (!existsSync(file)) return; // it stood there before this was noted
  const made = parseJson(madeSchema, await readFile(file, 'utf8'), file);
  if (isDeepStrictEqual(made, asked)) return;
  const words = (one: typeof asked) => `\`clapper prepare ${one.args.join(' ')}\` in ${one.collections}`;
  throw new InputError(
    `Expected ${folder} to be made by ${words(asked)} but it was by ${words(made)}. Name another folder with --work, or remove this one, and ` +
      'the runs that learnt from it.',
  );
}

function sumOfKnown(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

/** As others can run it: their folders are elsewhere. */
function withoutFolders(arg: string, folders: string[]): string {
  return folders.reduce((text, folder) => text.replaceAll(join(folder, '/'), ''), arg);
}

async function measuredOf(run: string): Promise<Omit<TrainedRun, 'run'> & { commit: string | null }> {
  const text = await readFile(join(run, 'metrics.jsonl'), 'utf8');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number; split?: string; accuracy?: number });
  const { step } = lines.at(-1) as { step: number };
  const learning = lines.flatMap(({ split, accuracy }) => (split === undefined ? (accuracy ?? []) : []));
  const last = learning.slice(-Math.ceil(learning.length / 10));
  const { metrics, commit } = await readState(join(run, `step-${step}`));
  return {
    ...{ metrics, commit },
    trainingAccuracy: last.length === 0 ? null : last.reduce((sum, share) => sum + share, 0) / last.length,
  };
}
