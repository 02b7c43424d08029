import type { Command } from 'commander';
import { printJson } from './printJson.ts';

export function addSamples(program: Command): void {
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
      const { samplesReport, scoresReport } = await import('../report.ts');
      if (draw !== undefined) {
        const [folder, ...others] = (bundle ?? []) as string[];
        if (folder === undefined || others.length > 0 || out !== undefined) {
          samples.error("error: '--draw <file>' asks for one '--bundle <folder>', and for no '--out'", { exitCode: 2 });
        }
        const { drawScores } = await import('../samples/drawScores.ts');
        const drawn = await drawScores(folder as string, draw);
        if (json) printJson({ file: draw, ...drawn });
        else process.stdout.write(scoresReport(draw, drawn));
        return;
      }
      if (out === undefined) samples.error("error: required option '--out <folder>' not specified", { exitCode: 2 });
      const [{ writeSamples }, { publishedBundles }] = await Promise.all([
        import('../samples/writeSamples.ts'),
        import('../samples/publishedBundles.ts'),
      ]);
      const written = await writeSamples(bundle ?? (await publishedBundles()), out);
      if (json) printJson({ out, bundles: written });
      else process.stdout.write(samplesReport(written));
    });
}
