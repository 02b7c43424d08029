import { type Command, Option } from 'commander';
import { InputError } from '#core/errors.ts';
import { cacheFolder } from '#node/cacheFolder.ts';
import { shellWord } from '#node/shellWord.ts';
import { presetSummaries, tasks } from './presets/names.ts';
import type { TrainResult } from './run/trainOptions.ts';

export function addSetupCommand(program: Command): void {
  program
    .command('setup')
    .description('provide TensorFlow for training (274 MB, once)')
    .addOption(
      new Option(
        '--gpu',
        'the builds for NVIDIA GPUs, with CUDA, of TensorFlow (3.4 GB) and ONNX Runtime (1.7 GB)',
      ).conflicts('cpu'),
    )
    .option('--cpu', 'the build for the processor, also where the other is set up')
    .option('--json', 'print one object on stdout')
    .addHelpText('after', '\nIt is kept in ~/.cache/clapper; CLAPPER_CACHE names another folder.')
    .action(async ({ gpu, cpu, json }: { gpu?: true; cpu?: true; json?: true }) => {
      const { setUp } = await import('./tensorflow/setup.ts');
      const device = gpu ? 'gpu' : cpu ? 'cpu' : null;
      const report = await setUp({ device, cacheFolder: cacheFolder(), output: process.stderr });
      if (json) console.log(JSON.stringify(report));
    });
}

export function addTrainCommand(program: Command): void {
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
        signal: interruption(process.stderr),
      });
      if (json) console.log(JSON.stringify(result));
      else report(result, out);
      if (!result.finished) process.exitCode = 130; // as shells say "interrupted"
    });
}

export function addReproduceCommand(program: Command): void {
  program
    .command('reproduce')
    .description('measure what others published again, and write docs/results')
    .argument('[names...]', 'of experiments; none: all that have no result yet and need no GPU')
    .option('--list', 'name the experiments, and say how long each takes')
    .addOption(new Option('--tables', 'only write the tables anew, of the results that there are').conflicts('list'))
    .option('--data <folder>', 'where the collections lie, each in a folder of its name', '../shared/data')
    .option(
      '--work <folder>',
      'where datasets and runs are kept: what was interrupted goes on from there',
      'runs/reproduce',
    )
    .option('--out <folder>', 'where the results go', 'docs/results')
    .action(async (names: string[], { list, tables, data, work, out }: ReproduceFlags) => {
      const { listExperiments, reproduce, writeAllTables } = await import('./reproduce/reproduce.ts');
      if (list) process.stdout.write(listExperiments(names));
      else if (tables && names.length > 0)
        throw new InputError(
          `Expected no names beside --tables, which writes all of them, but received ${names.join(' ')}.`,
        );
      else if (tables) await writeAllTables(out);
      else await reproduce({ names, data, work, out, output: process.stderr });
    });
}

/** A setting that has a flag of its own; its value is text whatever it looks like. */
function flag(path: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${path}=${JSON.stringify(value)}`];
}

interface ReproduceFlags {
  list?: true;
  tables?: true;
  data: string;
  work: string;
  out: string;
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

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

/**
 * Fires at the first Ctrl-C, so that the run can save; another ends the process at once. What comes within a second of the first is the same:
 * npm passes on what the terminal has sent already.
 */
function interruption(output: NodeJS.WriteStream): AbortSignal {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  let firstMs: number | null = null;
  const stop = (signal: NodeJS.Signals) => {
    if (firstMs === null) {
      firstMs = performance.now();
      output.write('\nStopping: what the step at hand has learnt is saved first. Once more stops at once.\n');
      controller.abort();
    } else if (performance.now() - firstMs > 1000) {
      for (const one of signals) process.off(one, stop);
      process.kill(process.pid, signal);
    }
  };
  for (const signal of signals) process.on(signal, stop);
  return controller.signal;
}

function report({ checkpoint, finished, step, metrics }: TrainResult, out: string): void {
  if (!finished) {
    console.error(
      `Stopped after step ${step}; saved in ${checkpoint}. The same command with --resume goes on from there.`,
    );
    return;
  }
  console.log(`Trained: ${checkpoint}`);
  for (const [name, value] of Object.entries(metrics)) console.log(`  test ${name} ${Number(value.toFixed(4))}`);
  console.log(`Next: npx clapper export --checkpoint ${shellWord(out)} --out ${shellWord(`${out}/bundle`)}`);
}
