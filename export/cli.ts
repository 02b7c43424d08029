import type { Command } from 'commander';
import { formatBytes } from '#core/progress.ts';
import { differencesTable, evaluationTable } from './tables.ts';

/** Adds `export`, `verify` and `evaluate`. */
export function addExportCommands(program: Command): void {
  program
    .command('export')
    .description('write a trained network as ONNX files with a manifest and a model card, and check them')
    .requiredOption('--checkpoint <path>', 'runs/NAME (its newest step) or runs/NAME/step-N')
    .requiredOption('--out <folder>', 'the bundle; an older one there is replaced')
    .option('--name <name>', "the bundle's name (default: the folder's)")
    .option('--model-version <version>', 'of this model', '1')
    .option('--licence <name>', 'of the weights (default: the licence of the data)')
    .option('--notes <file>', 'markdown to end the model card with')
    .option('--json', 'print one JSON object on stdout')
    .action(async ({ checkpoint, out, name, modelVersion, licence, notes, json }) => {
      const { exportBundle } = await import('./export.ts');
      const result = await exportBundle({ checkpoint, out, name, version: modelVersion, licence, notesFile: notes });
      if (json) {
        printJson({ bundle: out, ...result });
        return;
      }
      const bytes = result.files.reduce((sum, file) => sum + file.bytes, 0);
      process.stderr.write(differencesTable(result.differences));
      process.stderr.write(`\n${out}: ${result.files.length} files, ${formatBytes(bytes)}\n`);
    });

  program
    .command('verify')
    .description("check that ONNX Runtime gives the trainer's numbers with a bundle")
    .requiredOption('--bundle <folder>', 'for example models/digits')
    .option('--json', 'print one JSON object on stdout')
    .action(async ({ bundle, json }) => {
      const { verifyBundle } = await import('./verify.ts');
      const report = await verifyBundle(bundle);
      if (report.failed.length > 0) process.exitCode = 1;
      if (json) printJson({ bundle, passed: report.failed.length === 0, ...report });
      else process.stderr.write(differencesTable(report.differences));
    });

  program
    .command('evaluate')
    .description('judge a bundle in ONNX Runtime on the fixed test pairs of a dataset')
    .requiredOption('--bundle <folder>', 'for example models/digits')
    .option('--dataset <folder>', 'recordings, images and pairs', 'datasets/digits')
    .option('--json', 'print one JSON object on stdout')
    .action(async ({ bundle, dataset, json }) => {
      const { evaluateBundle } = await import('./evaluate.ts');
      const evaluation = await evaluateBundle({ bundle, dataset, progress: process.stderr });
      if (json) printJson({ bundle, dataset, ...evaluation });
      else process.stderr.write(evaluationTable(evaluation));
    });
}

function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
