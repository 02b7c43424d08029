import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { Split } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { type KindName, kindSummaries } from './prepare/kinds/names.ts';
import { presetSummaries, tasks } from './presets/names.ts';
import type { TrainResult } from './train.ts';

export function addTrainingCommands(program: Command): void {
  program
    .command('setup')
    .description('provide TensorFlow for training (274 MB, once)')
    .addOption(new Option('--gpu', 'the build for NVIDIA GPUs, with CUDA (3.4 GB)').conflicts('cpu'))
    .option('--cpu', 'the build for the processor, also where the other is set up')
    .option('--json', 'print one object on stdout')
    .addHelpText('after', '\nIt is kept in ~/.cache/clapper; CLAPPER_CACHE names another folder.')
    .action(async ({ gpu, cpu, json }: { gpu?: true; cpu?: true; json?: true }) => {
      const { setUpTensorFlow } = await import('./tensorflow/setup.ts');
      const device = gpu ? 'gpu' : cpu ? 'cpu' : null;
      const report = await setUpTensorFlow({ device, cacheFolder: cacheFolder(), output: process.stderr });
      if (json) console.log(JSON.stringify(report));
    });

  program
    .command('prepare')
    .description('make a dataset of a collection of sounds and pictures, to train from without waiting')
    .addArgument(new Argument('<kind>', 'how they lie on disk').choices(Object.keys(kindSummaries)))
    .option('--from <paths...>', 'the collection')
    .requiredOption('--out <folder>', 'the dataset; a begun one there is continued')
    .option('--sample-rate <hz>', 'of the sound (default: 48000; digits have 8000)', parseNumber)
    .option('--short-side <pixels>', 'of the pictures (default: 256)', parseNumber)
    .option('--categories <file>', 'by-class: a table sound,picture of what belongs together (default: equal names)')
    .option('--clip-seconds <seconds>', 'videos: the longest clip that they are cut into (default: 10)', parseNumber)
    .option('--frames-per-second <number>', 'videos: how many pictures are taken (default: 2)', parseNumber)
    .option(
      '--held-out <percent>',
      'of the sources in validation, and in test, where the set has no split',
      parseNumber,
    )
    .option('--seed <number>', 'of what is drawn by chance (default: 0)', parseNumber)
    .option('--name <name>', "the dataset's (default: the kind)")
    .option('--licence <name>', "of the collection (default: the kind's, where it has one)")
    .option('--shard <i/n>', 'do the i-th of n parts; whichever is done last finishes the dataset', parsePart)
    .option('--items-per-shard <number>', 'in one tar file (default: by kind)', parseNumber)
    .option('--workers <number>', 'threads (default: one a core)', parseNumber)
    .option('--max-bad <percent>', 'of the files may be broken', parseNumber, 1)
    .option('--json', 'print one object on stdout')
    .addHelpText('after', () => {
      const kinds = Object.entries(kindSummaries).map(([name, summary]) => `  ${name.padEnd(16)}${summary}\n`);
      return `\nKinds:\n${kinds.join('')}`;
    })
    .action(async (kind: KindName, flags: PrepareFlags) => {
      const [{ prepareDataset }, { prepareReport }] = await Promise.all([
        import('./prepare/prepare.ts'),
        import('./prepare/report.ts'),
      ]);
      const { from, out, categories, heldOut, shard, workers, maxBad, json, ...settings } = flags;
      const result = await prepareDataset({
        kind,
        from: from ?? [],
        out,
        settings: heldOut === undefined ? settings : { ...settings, heldOut: heldOut / 100 },
        categoriesFile: categories ?? null,
        part: shard ?? { number: 1, of: 1 },
        workers: workers ?? availableParallelism(),
        maxBad: maxBad / 100,
        output: process.stderr,
      });
      if (json) console.log(JSON.stringify(result));
      else process.stderr.write(prepareReport(result));
    });

  program
    .command('inspect')
    .description('say what a prepared dataset holds, and write a page of random clips to look at and listen to')
    .argument('<folder>', 'of the dataset')
    .addOption(
      new Option('--split <name>', 'that the clips are drawn from')
        .choices(['train', 'validation', 'test'])
        .default('train'),
    )
    .option('--count <number>', 'of clips', parseNumber, 24)
    .option('--seed <number>', 'another one draws other clips', parseNumber, 0)
    .option('--sheet <file>', 'the page (default: contact-sheet.html in the folder)')
    .option('--json', 'print one object on stdout')
    .action(async (folder: string, { split, count, seed, sheet, json }: InspectFlags) => {
      const [{ inspectDataset }, { inspectReport }] = await Promise.all([
        import('./inspect/inspect.ts'),
        import('./inspect/report.ts'),
      ]);
      const inspection = await inspectDataset({ folder, split, count, seed, sheet: sheet ?? null });
      if (json) console.log(JSON.stringify(inspection));
      else process.stderr.write(inspectReport(inspection));
    });

  program
    .command('train')
    .description('learn whether a sound and an image belong together, or to classify either')
    .option('--preset <name>', `settings to start from: ${Object.keys(presetSummaries).join(', ')}`)
    .addOption(new Option('--task <name>', 'without a preset: the usual one of the task').choices(tasks))
    .option('--data <folder>', 'a prepared dataset (digits bring their own)')
    .option('--from <run>', 'classify: a run or checkpoint whose branch is taken, or "random"')
    .requiredOption('--out <folder>', "the run's folder, for example runs/digits")
    .option('--set <path=value>', 'change one setting, for example steps=120 (repeatable)', collect, [])
    .option('--resume', 'go on with the run that stands in the folder')
    .option('--json', 'print one object on stdout')
    .addHelpText('after', () => {
      const presets = Object.entries(presetSummaries).map(([name, summary]) => `  ${name.padEnd(16)}${summary}\n`);
      return `\nPresets:\n${presets.join('')}`;
    })
    .action(async ({ preset, task, data, from, out, set, resume, json }: TrainFlags) => {
      if (!preset && !task) throw new InputError('Say what to train with --preset or --task: npx clapper train --help');
      const { findPreset } = await import('./presets/index.ts');
      const { resolveConfig } = await import('./config.ts');
      const named = [...flag('data.folder', data), ...flag('from', from)];
      const config = resolveConfig(findPreset(preset, task), [...named, ...set]);
      const { train } = await import('./train.ts');
      const { codeCommit } = await import('./run/codeCommit.ts');
      const result = await train({
        config,
        runDir: out,
        resume: resume ?? false,
        commit: codeCommit(),
        output: process.stderr,
        signal: interruption(),
      });
      if (json) console.log(JSON.stringify(result));
      else report(result, out);
      if (!result.finished) process.exitCode = 130; // as shells say "interrupted"
    });
}

/** A setting that has a flag of its own; its value is text whatever it looks like. */
function flag(path: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${path}=${JSON.stringify(value)}`];
}

interface TrainFlags {
  preset?: string;
  task?: (typeof tasks)[number];
  data?: string;
  from?: string;
  out: string;
  set: string[];
  resume?: true;
  json?: true;
}

interface InspectFlags {
  split: Split;
  count: number;
  seed: number;
  sheet?: string;
  json?: true;
}

interface PrepareFlags {
  from?: string[];
  out: string;
  sampleRate?: number;
  shortSide?: number;
  itemsPerShard?: number;
  clipSeconds?: number;
  framesPerSecond?: number;
  categories?: string;
  heldOut?: number;
  seed?: number;
  name?: string;
  licence?: string;
  shard?: { number: number; of: number };
  workers?: number;
  maxBad: number;
  json?: true;
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('Expected a number.');
  return value;
}

function parsePart(text: string): { number: number; of: number } {
  const [, number, of] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (number && of && number <= of) return { number, of };
  throw new InvalidArgumentError('Expected i/n, for example 1/4 for the first of four parts.');
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

/** Fires at the first Ctrl-C, so that the run can save; a second one ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

function report({ checkpoint, finished, step, metrics }: TrainResult, out: string): void {
  if (!finished) {
    console.error(
      `Stopped after step ${step}; saved in ${checkpoint}. The same command with --resume goes on from there.`,
    );
    return;
  }
  console.error(`Trained: ${checkpoint}`);
  for (const [name, value] of Object.entries(metrics)) console.error(`  test ${name} ${Number(value.toFixed(4))}`);
  console.error(`Next: npx clapper export --checkpoint ${out} --out ${out}/bundle`);
}

function cacheFolder(): string {
  const { CLAPPER_CACHE, XDG_CACHE_HOME } = process.env;
  return CLAPPER_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'clapper');
}
