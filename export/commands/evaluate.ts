import { type Command, Option } from 'commander';
import { variantSchema } from '#core/bundle/graphs.ts';
import { positiveInteger } from '#node/flags.ts';
import { printJson } from './printJson.ts';

export function addEvaluate(program: Command): void {
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
        import('../evaluate/evaluate.ts'),
        import('../report.ts'),
      ]);
      const options = { bundle, variant, dataset, split, fold, against, drawings };
      const evaluation = await evaluateBundle({ ...options, progress: process.stderr });
      if (json) printJson({ bundle, variant, dataset, ...evaluation });
      else process.stdout.write(evaluationReport(evaluation));
    });
}
