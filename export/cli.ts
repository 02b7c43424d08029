import { type Command, InvalidArgumentError, Option } from 'commander';
import { positiveInteger } from '#node/flags.ts';
import type { CalibrationMethod } from './variants/int8/ranges.ts';
import type { OtherVariant, VariantOptions } from './variants/makeVariants.ts';

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
    .addOption(
      new Option('--bundle <folder>', 'a bundle that --variants are added to').conflicts(['checkpoint', 'layersModel']),
    )
    .option(
      '--out <path>',
      'folder of the bundle, an older one there is replaced (default: that of --bundle); with --layers-model, the .onnx file',
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
    .addOption(new Option('--variants <list>', 'smaller ones beside fp32: fp16,int8').argParser(variantList))
    .option(
      '--calibrate <dataset>',
      'what the bundle learnt from: variants are calibrated on its training part and judged by the others',
    )
    .addOption(
      new Option('--calibration <method>', 'of the ranges of int8 (default: the one that loses least)').choices([
        'min-max',
        'percentile',
        'entropy',
      ]),
    )
    .option('--calibration-samples <number>', 'of sounds, and of pictures', positiveInteger, 128)
    .option('--json', 'print one JSON object on stdout')
    .action(async ({ layersModel, json, ...flags }) => {
      const { checkpoint, bundle, out = bundle, notes: notesFile } = flags;
      if (!checkpoint && !layersModel && !bundle) {
        exporting.error("error: expected '--checkpoint <path>', '--layers-model <address>' or '--bundle <folder>'", {
          exitCode: 2,
        });
      }
      if (!out) exporting.error("error: required option '--out <path>' not specified", { exitCode: 2 });
      if (layersModel) return await exportLayersModel({ layersModel, out, json, ...flags });
      const variants = variantOptions(exporting, flags);
      const [{ exportBundle, extendBundle }, { exportReport }] = await Promise.all([
        import('./export.ts'),
        import('./report.ts'),
      ]);
      const { name, modelVersion, licence } = flags;
      const result =
        variants && bundle
          ? await extendBundle({ bundle, out, notesFile, variants })
          : await exportBundle({ checkpoint, out, name, version: modelVersion, licence, notesFile, variants });
      if (json) printJson({ bundle: out, ...result });
      else process.stdout.write(exportReport(out, result));
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
      else process.stdout.write(verifyReport(report));
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
      else process.stdout.write(evaluationReport(evaluation));
    });
}

interface VariantFlags {
  bundle?: string;
  variants?: OtherVariant[];
  calibrate?: string;
  calibration?: CalibrationMethod;
  calibrationSamples: number;
}

function variantOptions(
  command: Command,
  { bundle, variants, calibrate, calibration, calibrationSamples }: VariantFlags,
): VariantOptions | undefined {
  if (bundle && !variants) command.error("error: '--bundle <folder>' asks for '--variants <list>'", { exitCode: 2 });
  if (!variants) return undefined;
  if (!calibrate) command.error("error: '--variants <list>' asks for '--calibrate <dataset>'", { exitCode: 2 });
  return { variants, dataset: calibrate, method: calibration, calibrationSamples, progress: process.stderr };
}

function variantList(text: string): OtherVariant[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  const isKnown = (name: string): name is OtherVariant => name === 'fp16' || name === 'int8';
  if (names.every(isKnown)) return names;
  throw new InvalidArgumentError('Expected fp16, int8 or fp16,int8.');
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
  else process.stdout.write(modelReport(out, result));
}

function append(value: string, before: string[]): string[] {
  return [...before, value];
}
