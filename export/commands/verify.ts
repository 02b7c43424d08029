import { type Command, Option } from 'commander';
import type { VariantCheck } from '../verify/verify.ts';
import { printJson } from './printJson.ts';

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description("check a bundle: its files, ONNX's rules, the trainer's numbers, any batch, what each variant loses")
    .requiredOption('--bundle <folder>', 'for example models/digits; with --against, an .onnx file too')
    .addOption(
      new Option(
        '--dataset <folder>',
        'whose test pairs every variant is judged by (default: what the manifest says of them)',
      ).conflicts('against'),
    )
    .option('--against <path>', 'another bundle or file: compares nodes and numbers instead')
    .option('--json', 'print one JSON object on stdout')
    .action(async ({ bundle, dataset, against, json }) => {
      const reports = await import('../verify/report.ts');
      if (against) {
        const { compareAgainst } = await import('../verify/against.ts');
        const comparisons = await compareAgainst(bundle, against);
        const passed = reports.isSame(comparisons);
        if (!passed) process.exitCode = 1;
        if (json) printJson({ bundle, against, passed, comparisons });
        else process.stdout.write(reports.againstReport(comparisons));
        return;
      }
      const { verify } = await import('../verify/verify.ts');
      const report = await verify({ bundle, dataset, progress: process.stderr });
      if (!report.passed) process.exitCode = 1;
      const { golden } = report.variants[0] as VariantCheck; // of fp32
      if (json) printJson({ bundle, ...golden, ...report });
      else process.stdout.write(reports.verifyReport(report));
    });
}
