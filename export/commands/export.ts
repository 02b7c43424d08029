import { type Command, InvalidArgumentError, Option } from 'commander';
import { variantSchema } from '#core/bundle/graphs.ts';
import { cacheFolder } from '#node/cacheFolder.ts';
import { positiveInteger } from '#node/flags.ts';
import { type EngineOptions, engines } from '../tf2onnx/engine.ts';
import type { OtherVariant, VariantOptions } from '../variants/makeVariants.ts';
import type { ExportFlags } from './exportFlags.ts';
import { printJson } from './printJson.ts';
import { wrongUsage } from './wrongUsage.ts';

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description(
      'write a trained network as ONNX files with a manifest and a model card, or any TensorFlow.js model as one ONNX file, and check them',
    )
    .option('--checkpoint <path>', 'runs/NAME (its newest step) or runs/NAME/step-N')
    .addOption(
      new Option(
        '--tfjs-model <address>',
        'model.json of any TensorFlow.js model, of layers or a graph: a path, file:// or https:// address',
      ).conflicts('checkpoint'),
    )
    // An older name of it.
    .addOption(new Option('--layers-model <address>').conflicts(['checkpoint', 'tfjsModel']).hideHelp())
    .addOption(
      new Option('--bundle <folder>', 'a bundle that --variants or --examples are added to').conflicts([
        'checkpoint',
        'tfjsModel',
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
      'folder of the bundle, an older one there is replaced (default: that of --bundle); with --tfjs-model, the .onnx file',
    )
    .option('--name <name>', "the bundle's name (default: the folder's)")
    .option('--model-version <version>', 'of this model', '1')
    .option('--licence <name>', 'of the weights (default: the licence of the data)')
    .option('--notes <file>', 'markdown to end the model card with')
    .option(
      '--examples <folder>',
      'files to try the model with, which become part of the bundle: with examples.json, as datasets/nature-examples; or datasets/digits',
    )
    .option('--nchw', 'with --tfjs-model: pictures come in as [batch, channels, height, width]')
    .option(
      '--custom <name=module>',
      'with --tfjs-model: a converter for a class of layer or an operator; may be given several times',
      append,
      [],
    )
    .option('--allow-difference', 'with --tfjs-model: write the file also where TensorFlow.js gives other numbers')
    .option('--no-compare', 'with --tfjs-model: do not run TensorFlow.js')
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
    .action(async ({ layersModel, ...given }: ExportFlags & { layersModel?: string }) => {
      const flags: ExportFlags = layersModel === undefined ? given : { ...given, tfjsModel: layersModel };
      const problem = wrongUsage(flags, (flag) => command.getOptionValueSource(flag) === 'cli');
      if (problem) command.error(`error: ${problem}`, { exitCode: 2 });
      const { tfjsModel, bundle, to, json } = flags;
      const out = (flags.out ?? bundle) as string;
      const { result, report } = to
        ? await exportTo(to, { ...flags, bundle: bundle as string, out })
        : tfjsModel !== undefined
          ? await exportTfjsModel({ ...flags, tfjsModel, out })
          : await exportBundle({ ...flags, out });
      if (json) printJson(result);
      else process.stdout.write(report);
    });
}

/** What a command tells: programs, and people. */
interface Told {
  result: object;
  report: string;
}

async function exportTfjsModel(flags: ExportFlags & { tfjsModel: string; out: string }): Promise<Told> {
  const { tfjsModel: model, out, nchw, custom, allowDifference, compare, route } = flags;
  if (route === 'tf2onnx') {
    const { convertModel } = await import('../tf2onnx/convertModel.ts');
    const made = await convertModel(model, out, engineOptions(flags));
    return { result: { file: out, ...made }, report: `${out}: ${made.nodes} nodes, ${made.bytes} bytes\n` };
  }
  const [{ exportModel }, { modelReport }] = await Promise.all([import('../exportModel.ts'), import('../report.ts')]);
  const result = await exportModel({
    model,
    out,
    channelsFirst: nchw === true,
    custom,
    allowDifference: allowDifference === true,
    compare,
  });
  return { result: { file: out, ...result }, report: modelReport(out, result) };
}

async function exportBundle(flags: ExportFlags & { out: string }): Promise<Told> {
  const { checkpoint, bundle, out, name, modelVersion: version, licence, notes: notesFile, examples, route } = flags;
  const variants = variantOptions(flags);
  const [making, { exportReport }] = await Promise.all([import('../export.ts'), import('../report.ts')]);
  const added = { out, notesFile, variants, examples };
  const tf2onnx = route === 'tf2onnx' ? engineOptions(flags) : undefined;
  const result =
    checkpoint === undefined
      ? await making.extendBundle({ ...added, bundle: bundle as string })
      : await making.exportBundle({ ...added, checkpoint, name, version, licence, tf2onnx });
  return { result: { bundle: out, ...result }, report: exportReport(out, result) };
}

async function exportTo(
  to: 'triton' | 'hub',
  { bundle, out, variant, maxBatchSize }: ExportFlags & { bundle: string; out: string },
): Promise<Told> {
  const queueMicroseconds = 2000;
  const made =
    to === 'hub'
      ? await (await import('../hub/writeHub.ts')).writeHub({ bundle, out })
      : await (await import('../triton/writeRepository.ts')).writeRepository({
          bundle,
          out,
          variant,
          maxBatchSize,
          queueMicroseconds,
        });
  const ready = `${out}: ready for ${to === 'hub' ? 'the Hugging Face Hub' : 'Triton'}\n`;
  return { result: { bundle, out, to, made }, report: `${made.map((one) => `  ${one}\n`).join('')}${ready}` };
}

function engineOptions({ engine, baseImage, isolation, containerFlag: containerFlags }: ExportFlags): EngineOptions {
  return { engine, baseImage, isolation, containerFlags, cacheFolder: cacheFolder(), output: process.stderr };
}

function variantOptions(flags: ExportFlags): VariantOptions | undefined {
  const { variants, calibrate: dataset, calibration: method, calibrationSamples } = flags;
  if (!variants || !dataset) return undefined;
  return { variants, dataset, method, calibrationSamples, progress: process.stderr };
}

function variantList(text: string): OtherVariant[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  const isKnown = (name: string): name is OtherVariant => name === 'fp16' || name === 'int8';
  if (names.every(isKnown)) return names;
  throw new InvalidArgumentError('Expected fp16, int8 or fp16,int8.');
}

function append(value: string, before: string[]): string[] {
  return [...before, value];
}
