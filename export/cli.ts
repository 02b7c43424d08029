import { type Command, Option } from 'commander';
import { positiveInteger } from '#node/flags.ts';

/** Adds `export`, `verify` and `evaluate`. */
export function addExportCommands(program: Command): void {
  const exporting = program
    .command('export')
    .description(
      'write a trained network as ONNX files with a manifest and a model card, or any TensorFlow.js layers model as one ONNX file, and check them',
    )
    .option('--checkpoint <path>', 'runs/NAME (its newest step) or runs/NAME/step-N')
    .addOption(
      new Option(
        '--layers-model <address>',
        'model.json of any TensorFlow.js layers model: a path, file:// or https:// address',
      ).conflicts('checkpoint'),
    )
    .requiredOption(
      '--out <path>',
      'folder of the bundle, an older one there is replaced; with --layers-model, the .onnx file',
    )
    .option('--name <name>', "the bundle's name (default: the folder's)")
    .option('--model-version <version>', 'of this model', '1')
    .option('--licence <name>', 'of the weights (default: the licence of the data)')
    .option('--notes <file>', 'markdown to end the model card with')
    .option('--nchw', 'with --layers-model: pictures come in as [batch, channels, height, width]')
    .option(
      '--custom <name=module>',
      'with --layers-model: a converter for a class of layer; may be given several times',
      append,
      [],
    )
    .option('--allow-difference', 'with --layers-model: write the file also where TensorFlow.js gives other numbers')
    .option('--no-compare', 'with --layers-model: do not run TensorFlow.js')
    .option('--json', 'print one JSON object on stdout')
    .action(async ({ checkpoint, layersModel, out, json, ...flags }) => {
      if (!checkpoint && !layersModel) {
        exporting.error("error: expected '--checkpoint <path>' or '--layers-model <address>'", { exitCode: 2 });
      }
      if (layersModel) return await exportLayersModel({ layersModel, out, json, ...flags });
      const { name, modelVersion, licence, notes } = flags;
      const [{ exportBundle }, { exportReport }] = await Promise.all([import('./export.ts'), import('./report.ts')]);
      const result = await exportBundle({ checkpoint, out, name, version: modelVersion, licence, notesFile: notes });
      if (json) printJson({ bundle: out, ...result });
      else process.stderr.write(exportReport(out, result));
    });

  program
    .command('verify')
    .description("check that ONNX Runtime gives the trainer's numbers with a bundle")
    .requiredOption('--bundle <folder>', 'for example models/digits')
    .option('--json', 'print one JSON object on stdout')
    .action(async ({ bundle, json }) => {
      const [{ verifyBundle }, { verifyReport }] = await Promise.all([import('./verify.ts'), import('./report.ts')]);
      const report = await verifyBundle(bundle);
      if (report.failed.length > 0) process.exitCode = 1;
      if (json) printJson({ bundle, passed: report.failed.length === 0, ...report });
      else process.stderr.write(verifyReport(report));
    });

  program
    .command('evaluate')
    .description("judge a bundle in ONNX Runtime on a dataset's fixed pairs and labelled clips")
    .requiredOption('--bundle <folder>', 'for example models/digits')
    .option('--dataset <folder>', 'of `clapper prepare`, or the digits', 'datasets/digits')
    .addOption(
      new Option('--split <name>', 'whose pairs and clips are judged (default: test, where there is one)').choices([
        'validation',
        'test',
      ]),
    )
    .addOption(
      new Option('--fold <number>', 'whose clips are classified (default: the one held out in training)')
        .argParser(positiveInteger)
        .conflicts('split'),
    )
    .option('--json', 'print one JSON object on stdout')
    .action(async ({ bundle, dataset, split, fold, json }) => {
      const [{ evaluateBundle }, { evaluationReport }] = await Promise.all([
        import('./evaluate/evaluate.ts'),
        import('./report.ts'),
      ]);
      const evaluation = await evaluateBundle({ bundle, dataset, split, fold, progress: process.stderr });
      if (json) printJson({ bundle, dataset, ...evaluation });
      else process.stderr.write(evaluationReport(evaluation));
    });
}

function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

interface LayersModelFlags {
  layersModel: string;
  out: string;
  nchw?: true;
  custom: string[];
  allowDifference?: true;
  compare: boolean;
  json?: true;
}

async function exportLayersModel({
  layersModel,
  out,
  nchw,
  custom,
  allowDifference,
  compare,
  json,
}: LayersModelFlags): Promise<void> {
  const [{ exportModel }, { modelReport }] = await Promise.all([import('./exportModel.ts'), import('./report.ts')]);
  const result = await exportModel({
    model: layersModel,
    out,
    channelsFirst: nchw === true,
    custom,
    allowDifference: allowDifference === true,
    compare,
  });
  if (json) printJson({ file: out, ...result });
  else process.stderr.write(modelReport(out, result));
}

function append(value: string, before: string[]): string[] {
  return [...before, value];
}
