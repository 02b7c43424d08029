import { availableParallelism } from 'node:os';
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { Split } from '#core/datasets/prepared.ts';
import { nonNegativeNumber } from '#node/flags.ts';
import type { ClassFolder } from './files/folders.ts';
import { type KindName, kindSummaries } from './kinds/names.ts';

export function addPrepareCommands(program: Command): void {
  program
    .command('prepare')
    .description('make a dataset of a collection of sounds and pictures, to train from without waiting')
    .addArgument(new Argument('<kind>', 'how they lie on disk').choices(Object.keys(kindSummaries)))
    .option('--from <paths...>', 'the collection')
    .requiredOption('--out <folder>', 'the dataset; a begun one there is continued')
    .option('--sample-rate <hz>', 'of the sound (default: 48000; digits have 8000)', nonNegativeNumber)
    .option('--short-side <pixels>', 'of the pictures (default: 256; digits have 28)', nonNegativeNumber)
    .option('--categories <file>', 'by-class: a table sound,picture of what belongs together (default: equal names)')
    .addOption(
      new Option('--class-folder <which>', 'labelled sets: of folders in folders the one that names the class').choices(
        ['inner', 'outer'],
      ),
    )
    .option(
      '--clip-seconds <seconds>',
      'videos: the longest clip that they are cut into (default: 10)',
      nonNegativeNumber,
    )
    .option('--frames-per-second <number>', 'videos: how many pictures are taken (default: 2)', nonNegativeNumber)
    .option(
      '--held-out <percent>',
      'of the sources in validation, and in test, where the set has no split',
      nonNegativeNumber,
    )
    .option('--seed <number>', 'of what is drawn by chance (default: 0)', nonNegativeNumber)
    .option('--name <name>', "the dataset's (default: the kind)")
    .option('--licence <name>', "of the collection (default: the kind's, where it has one)")
    .option('--shard <i/n>', 'do the i-th of n parts; whichever is done last finishes the dataset', parsePart)
    .option('--items-per-shard <number>', 'in one tar file (default: by kind)', nonNegativeNumber)
    .option('--workers <number>', 'threads (default: one a core)', nonNegativeNumber)
    .option('--max-bad <percent>', 'of the files may be broken', nonNegativeNumber, 1)
    .option('--json', 'print one object on stdout')
    .addHelpText('after', () => {
      const kinds = Object.entries(kindSummaries).map(([name, summary]) => `  ${name.padEnd(16)}${summary}\n`);
      return `\nKinds:\n${kinds.join('')}\nWhich layouts, tables, columns and formats are read: docs/datasets.md.\n`;
    })
    .action(async (kind: KindName, flags: PrepareFlags) => {
      const [{ prepareDataset }, { prepareReport }] = await Promise.all([
        import('./prepare.ts'),
        import('./report.ts'),
      ]);
      const { from, out, categories, classFolder, heldOut, shard, workers, maxBad, json, ...settings } = flags;
      const result = await prepareDataset({
        kind,
        from: from ?? [],
        out,
        settings: heldOut === undefined ? settings : { ...settings, heldOut: heldOut / 100 },
        categoriesFile: categories ?? null,
        classFolder,
        part: shard ?? { number: 1, of: 1 },
        workers: workers ?? availableParallelism(),
        maxBad: maxBad / 100,
        output: process.stderr,
      });
      if (json) console.log(JSON.stringify(result));
      else process.stdout.write(prepareReport(result));
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
    .option('--count <number>', 'of clips', nonNegativeNumber, 24)
    .option('--seed <number>', 'another one draws other clips', nonNegativeNumber, 0)
    .option('--sheet <file>', 'the page (default: contact-sheet.html in the folder)')
    .option('--json', 'print one object on stdout')
    .action(async (folder: string, { split, count, seed, sheet, json }: InspectFlags) => {
      const [{ inspectDataset }, { inspectReport }] = await Promise.all([
        import('./inspect/inspect.ts'),
        import('./inspect/report.ts'),
      ]);
      const inspection = await inspectDataset({ folder, split, count, seed, sheet: sheet ?? null });
      if (json) console.log(JSON.stringify(inspection));
      else process.stdout.write(inspectReport(inspection));
    });
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
  classFolder?: ClassFolder;
  heldOut?: number;
  seed?: number;
  name?: string;
  licence?: string;
  shard?: { number: number; of: number };
  workers?: number;
  maxBad: number;
  json?: true;
}

function parsePart(text: string): { number: number; of: number } {
  const [, number, of] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (number && of && number <= of) return { number, of };
  throw new InvalidArgumentError('Expected i/n, for example 1/4 for the first of four parts.');
}
