import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Variant, variantSchema } from '#core/bundle/graphs.ts';
import { cacheFolder } from '#node/cacheFolder.ts';
import { positiveInteger } from '#node/flags.ts';
import { type Engine, type EngineOptions, engines } from './tf2onnx/engine.ts';
import type { CalibrationMethod } from './variants/int8/ranges.ts';
import type { OtherVariant, VariantOptions } from './variants/makeVariants.ts';
import type { VariantCheck } from './verify/verify.ts';

/** Adds `export`, `verify`, `evaluate` and `samples`. */
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
      new Option('--bundle <folder>', 'a bundle that --variants or --examples are added to').conflicts([
        'checkpoint',
        'layersModel',
      ]),
    )
    .addOption(
      new Option(
        '--to <kind>',
        'of --bundle: a model repository of Triton, or a folder for the Hugging Face Hub',
      ).choices(['triton', 'hub']),
    )
    .addOption(new Option('--variant <name>', 'that Triton gets').choices(variantSchema.options).default('fp32'))
    .option('--max-batch-size <number>', 'of Triton', positiveInteger, 64)
    .option(
      '--out <path>',
      'folder of the bundle, an older one there is replaced (default: that of --bundle); with --layers-model, the .onnx file',
    )
    .option('--name <name>', "the bundle's name (default: the folder's)")
    .option('--model-version <version>', 'of this model', '1')
    .option('--licence <name>', 'of the weights (default: the licence of the data)')
    .option('--notes <file>', 'markdown to end the model card with')
    .option(
      '--examples <folder>',
      'files to try the model with, which become part of the bundle: with examples.json, as datasets/nature-examples; or datasets/digits',
    )
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
    .addOption(
      new Option('--route <name>', 'ours, or by way of Keras and tf2onnx in Python 3.11')
        .choices(['typescript', 'tf2onnx'])
        .default('typescript'),
    )
    .addOption(new Option('--engine <name>', 'that tf2onnx runs in').choices([...engines]).default('venv'))
    .option('--base-image <image>', "of the container, with Python 3.11 and venv (default: the Containerfile's)")
    .addOption(
      new Option('--isolation <kind>', 'of podman and buildah, where namespaces are not to be had').choices(['chroot']),
    )
    .option('--container-flag <flag>', 'for build and run, such as --volume=…; may be given several times', append, [])
    .option('--json', 'print one JSON object on stdout')
    .action(async ({ layersModel, json, ...flags }) => {
      const { checkpoint, bundle, out = bundle, notes: notesFile } = flags;
      if (!checkpoint && !layersModel && !bundle) {
        exporting.error("error: expected '--checkpoint <path>', '--layers-model <address>' or '--bundle <folder>'", {
          exitCode: 2,
        });
      }
      if (!out) exporting.error("error: required option '--out <path>' not specified", { exitCode: 2 });
      if (flags.to) return await exportTo(exporting, { ...flags, json });
      if (layersModel && flags.route === 'tf2onnx') {
        const { convertModel } = await import('./tf2onnx/convertModel.ts');
        const made = await convertModel(layersModel, out, engineOptions(flags));
        if (json) printJson({ file: out, ...made });
        else process.stdout.write(`${out}: ${made.nodes} nodes, ${made.bytes} bytes\n`);
        return;
      }
      if (layersModel) return await exportLayersModel({ layersModel, out, json, ...flags });
      const variants = variantOptions(exporting, flags);
      const tf2onnx = flags.route === 'tf2onnx' ? engineOptions(flags) : undefined;
      const [{ exportBundle, extendBundle }, { exportReport }] = await Promise.all([
        import('./export.ts'),
        import('./report.ts'),
      ]);
      const { name, modelVersion, licence, examples } = flags;
      const result =
        bundle !== undefined
          ? await extendBundle({ bundle, out, notesFile, variants, examples })
          : await exportBundle({
              checkpoint,
              out,
              name,
              version: modelVersion,
              licence,
              notesFile,
              variants,
              examples,
              tf2onnx,
            });
      if (json) printJson({ bundle: out, ...result });
      else process.stdout.write(exportReport(out, result));
    });

  program
    .command('verify')
    .description("check a bundle: its files, ONNX's rules, the trainer's numbers, any batch, what each variant loses")
    .requiredOption('--bundle <folder>', 'for example models/digits; with --against, an .onnx file too')
    .option(
      '--dataset <folder>',
      'whose test pairs every variant is judged by (default: what the manifest says of them)',
    )
    .option('--against <path>', 'another bundle or file: compares nodes and numbers instead')
    .option('--json', 'print one JSON object on stdout')
    .action(async ({ bundle, dataset, against, json }) => {
      const reports = await import('./verify/report.ts');
      if (against) {
        const { compareAgainst } = await import('./verify/against.ts');
        const comparisons = await compareAgainst(bundle, against);
        const passed = reports.isSame(comparisons);
        if (!passed) process.exitCode = 1;
        if (json) printJson({ bundle, against, passed, comparisons });
        else process.stdout.write(reports.againstReport(comparisons));
        return;
      }
      const { verify } = await import('./verify/verify.ts');
      const report = await verify({ bundle, dataset, progress: process.stderr });
      if (!report.passed) process.exitCode = 1;
      const { golden } = report.variants[0] as VariantCheck; // of fp32
      if (json) printJson({ bundle, ...golden, ...report });
      else process.stdout.write(reports.verifyReport(report));
    });

  program
    .command('evaluate')
    .description("judge a bundle in ONNX Runtime on a dataset's fixed pairs and labelled clips")
    .requiredOption('--bundle <folder>', 'for example models/digits')
    .addOption(new Option('--variant <name>', 'of the bundle').choices(variantSchema.options).default('fp32'))
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
    .option(
      '--against <category>',
      'also says whether pictures of each category go better with sounds of their own than with those of this one',
    )
    .option('--drawings <folder>', 'for SVG files: calibration, confusions, retrieval')
    .option('--json', 'print one JSON object on stdout')
    .action(async ({ bundle, variant, dataset, split, fold, against, drawings, json }) => {
      const [{ evaluateBundle }, { evaluationReport }] = await Promise.all([
        import('./evaluate/evaluate.ts'),
        import('./report.ts'),
      ]);
      const options = { bundle, variant, dataset, split, fold, against, drawings };
      const evaluation = await evaluateBundle({ ...options, progress: process.stderr });
      if (json) printJson({ bundle, variant, dataset, ...evaluation });
      else process.stdout.write(evaluationReport(evaluation));
    });

  const samples = program
    .command('samples')
    .description(
      "write bundles' example sounds and pictures to a folder, with whom to credit, to try match and serve with",
    )
    .option('--bundle <folders...>', 'whose examples (default: of all published bundles)')
    .option('--out <folder>', 'each bundle’s stand in a folder of its name there')
    .option('--draw <file>', 'of one bundle instead: an SVG file of pictures × sounds with their scores')
    .option('--json', 'print one JSON object on stdout')
    .action(async ({ bundle, out, draw, json }) => {
      const { samplesReport, scoresReport } = await import('./report.ts');
      if (draw !== undefined) {
        const [folder, ...others] = (bundle ?? []) as string[];
        if (folder === undefined || others.length > 0 || out !== undefined) {
          samples.error("error: '--draw <file>' asks for one '--bundle <folder>', and for no '--out'", { exitCode: 2 });
        }
        const { drawScores } = await import('./samples/drawScores.ts');
        const drawn = await drawScores(folder as string, draw);
        if (json) printJson({ file: draw, ...drawn });
        else process.stdout.write(scoresReport(draw, drawn));
        return;
      }
      if (out === undefined) samples.error("error: required option '--out <folder>' not specified", { exitCode: 2 });
      const [{ writeSamples }, { publishedBundles }] = await Promise.all([
        import('./samples/writeSamples.ts'),
        import('./samples/publishedBundles.ts'),
      ]);
      const written = await writeSamples(bundle ?? (await publishedBundles()), out);
      if (json) printJson({ out, bundles: written });
      else process.stdout.write(samplesReport(written));
    });
}

interface ToFlags {
  to: 'triton' | 'hub';
  bundle?: string;
  out?: string;
  variant: Variant;
  maxBatchSize: number;
  json?: true;
}

async function exportTo(command: Command, { to, bundle, out, variant, maxBatchSize, json }: ToFlags): Promise<void> {
  if (!bundle || !out)
    command.error(`error: '--to ${to}' asks for '--bundle <folder>' and '--out <path>'`, { exitCode: 2 });
  const queueMicroseconds = 2000;
  const made =
    to === 'hub'
      ? await (await import('./hub/writeHub.ts')).writeHub({ bundle, out })
      : await (await import('./triton/writeRepository.ts')).writeRepository({
          bundle,
          out,
          variant,
          maxBatchSize,
          queueMicroseconds,
        });
  if (json) printJson({ bundle, out, to, made });
  else
    process.stdout.write(
      `${made.map((one) => `  ${one}\n`).join('')}${out}: ready for ${to === 'hub' ? 'the Hugging Face Hub' : 'Triton'}\n`,
    );
}

interface EngineFlags {
  engine: Engine;
  baseImage?: string;
  isolation?: 'chroot';
  containerFlag: string[];
}

function engineOptions({ engine, baseImage, isolation, containerFlag }: EngineFlags): EngineOptions {
  return {
    engine,
    baseImage,
    isolation,
    containerFlags: containerFlag,
    cacheFolder: cacheFolder(),
    output: process.stderr,
  };
}

interface VariantFlags {
  bundle?: string;
  variants?: OtherVariant[];
  examples?: string;
  calibrate?: string;
  calibration?: CalibrationMethod;
  calibrationSamples: number;
}

function variantOptions(
  command: Command,
  { bundle, variants, examples, calibrate, calibration, calibrationSamples }: VariantFlags,
): VariantOptions | undefined {
  if (bundle && !variants && !examples)
    command.error("error: '--bundle <folder>' asks for '--variants <list>' or '--examples <folder>'", { exitCode: 2 });
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
