import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '#core/errors.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { codeCommit } from '../run/codeCommit.ts';
import { listGpus } from '../tensorflow/gpus.ts';
import type { Experiment } from './experiment.ts';
import { experiments } from './experiments/index.ts';
import { readResult, writeResult, writeTables } from './results.ts';
import { createTools, Stopped } from './tools.ts';

export interface ReproduceOptions {
  /** Of experiments; none: all that have no result yet and need no GPU. */
  names: string[];
  /** Where the collections lie. */
  data: string;
  /** Where datasets and runs are kept, to go on from. */
  work: string;
  /** Where results go. */
  out: string;
  output: ProgressOutput;
}

const repository = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs experiments one after the other; what was interrupted goes on from its runs' checkpoints. One that fails is named, and the others run.
 *
 * @throws {InputError} at the end, where one has failed; at once, where one was stopped.
 */
export async function reproduce({ names, data, work, out, output }: ReproduceOptions): Promise<void> {
  const chosen = names.length > 0 ? [...new Set(names.map(find))] : await withoutResult(out);
  const minutes = chosen.reduce((sum, experiment) => sum + experiment.minutes, 0);
  for (const experiment of chosen) output.write(line(experiment));
  output.write(`In all about ${minutes} minutes, beside preparing the datasets.\n`);
  const failed: string[] = [];
  for (const experiment of chosen) {
    try {
      await measure(experiment, { data, work, out, output });
    } catch (error) {
      if (!(error instanceof InputError) || error instanceof Stopped || chosen.length === 1) throw error;
      output.write(`error: ${error.message}\n`);
      failed.push(experiment.name);
    }
    await writeAllTables(out);
  }
  if (failed.length === 0) return;
  throw new InputError(
    `${failed.length} of ${chosen.length} experiments failed, see above: ${failed.join(', ')}. The same command goes on from there.`,
  );
}

async function measure(experiment: Experiment, options: Omit<ReproduceOptions, 'names'>): Promise<void> {
  const { data, work, out, output } = options;
  const { name, title, published, protocol, difference, seed } = experiment;
  output.write(`\n${title}\n`);
  const started = performance.now();
  const commit = codeCommit();
  const tools = createTools({ data, work, output });
  const { values, histories = [], pictures = [] } = await experiment.run(tools);
  const earlier = tools.earlierSeconds();
  const seconds = earlier === null ? null : Math.round(earlier + (performance.now() - started) / 1000);
  await writeResult(out, {
    schema: 'clapper-result/1',
    ...{ name, title, published, protocol, difference, seed, values },
    command: `npx clapper reproduce ${name}`,
    steps: tools.steps,
    seconds,
    machine: await machine(),
    commit: commitsOf([...tools.commits, commit]),
  });
  await copyHistories(histories, join(out, name));
  for (const picture of pictures) await copyPicture(picture, join(out, name, basename(picture)));
  for (const { name, value } of values) output.write(`  ${name} ${value.toFixed(4)}\n`);
}

/** @returns each once; null where one is not known. */
export function commitsOf(commits: (string | null)[]): string | null {
  return commits.includes(null) ? null : [...new Set(commits)].join(' and ');
}

/** Writes the tables anew of the results that there are. The README shows the repository's own, and no others. */
export function writeAllTables(out: string): Promise<void> {
  const isOwn = resolve(out) === join(repository, 'docs', 'results');
  return writeTables({ folder: out, readme: isOwn ? join(repository, 'README.md') : null }, experiments);
}

/** For `--list`. @param names of those that are asked for; none: all. */
export function listExperiments(names: string[]): string {
  return (names.length > 0 ? names.map(find) : experiments).map(line).join('');
}

function line({ name, minutes, needsGpu, title }: Experiment): string {
  return `${name.padEnd(31)} about ${minutes} min on ${needsGpu ? 'a GPU' : 'two idle cores'}  ${title}\n`;
}

async function machine(): Promise<string> {
  const gpus = await listGpus();
  return [`${cpus().length} cores`, `${cpus()[0]?.model.trim()}`, ...gpus.map(({ name }) => name)].join(', ');
}

function find(name: string): Experiment {
  const found = experiments.find((experiment) => experiment.name === name);
  if (found) return found;
  throw new InputError(
    `There is no experiment "${name}". There are: ${experiments.map(({ name }) => name).join(', ')}.`,
    'not_found',
  );
}

async function withoutResult(out: string): Promise<Experiment[]> {
  const results = await Promise.all(experiments.map(({ name }) => readResult(out, name)));
  return experiments.filter(({ needsGpu }, i) => results[i] === null && !needsGpu);
}

async function copyHistories(histories: { name: string; run: string }[], folder: string): Promise<void> {
  for (const { name, run } of histories) {
    for (const chart of ['loss.svg', 'accuracy.svg']) {
      if (!existsSync(join(run, chart))) continue;
      await copyPicture(join(run, chart), join(folder, `${name.replaceAll(' ', '-')}-${chart}`));
    }
  }
}

async function copyPicture(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to);
}
