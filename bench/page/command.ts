import { type Command, InvalidArgumentError } from 'commander';
import { positiveInteger } from '#node/flags.ts';
import { median } from '#node/median.ts';
import type { InferenceReport } from './inference/run.ts';
import { type Choice, medians, type Stages, sum } from './inference/stages.ts';
import type { PageBenchReport, Part } from './run.ts';

const names: readonly Part[] = ['visits', 'slow', 'inference', 'lighthouse'];

export function addPageBench(bench: Command): void {
  bench
    .command('page')
    .description('the built page in a browser: its first score, onnxruntime-web alone beside it, Lighthouse')
    .option('--bundle <folder>', 'that is shown', 'models/digits')
    .option('--turns <number>', 'visits; four times as many pairs', positiveInteger, 5)
    .option('--only <list>', `of ${names.join(', ')}`, readParts, names)
    .option('--json', 'print one object on stdout')
    .addHelpText('after', '\nIt takes an installed Chromium, and npx fetches Lighthouse. Run npm run build before.')
    .action(async ({ json, ...options }: { bundle: string; turns: number; only: readonly Part[]; json?: true }) => {
      const { benchPage } = await import('./run.ts');
      const report = await benchPage(options);
      if (json) console.log(JSON.stringify(report));
      else console.error(describe(report));
    });
}

function readParts(text: string): Part[] {
  return text.split(',').map((word) => {
    const name = names.find((name) => name === word.trim());
    if (!name) throw new InvalidArgumentError(`Expected some of ${names.join(', ')}.`);
    return name;
  });
}

function describe({ visits, slow, inference, lighthouse }: PageBenchReport): string {
  const seconds = (times: number[]) =>
    `${(median(times) / 1000).toFixed(2)} s (${times.map((ms) => (ms / 1000).toFixed(2)).join(', ')})`;
  const lines: string[] = [];
  if (visits)
    lines.push(`first score: ${seconds(visits.coldMs)} at the first visit, ${seconds(visits.warmMs)} at the next`);
  if (slow) {
    lines.push(
      `at 1.6 Mbit/s: ${(slow.ms / 1000).toFixed(1)} s for ${(slow.bytes / 1e6).toFixed(2)} MB; the bar told ${slow.megabytesTold} numbers of MB`,
    );
  }
  if (inference) lines.push(...describeInference(inference));
  for (const [form, { scores, measured }] of Object.entries(lighthouse ?? {})) {
    const list = (values: object) =>
      Object.entries(values)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ');
    lines.push(`Lighthouse, ${form}: ${list(scores)} (${list(measured)})`);
  }
  return lines.join('\n');
}

function describeInference({ page, bare, atOnce, ratio, native, choices, longTaskMs }: InferenceReport): string[] {
  const told = (list: (Stages | Choice)[]) => {
    const parts = medians(list);
    const words = Object.entries(parts).map(([name, ms]) => `${name} ${ms.toFixed(2)}`);
    return `${sum(parts).toFixed(2)} ms (${words.join(', ')})`;
  };
  const long = longTaskMs.filter((ms) => ms > 0);
  const answered = (list: number[]) => `answered on the page's thread after ${median(list).toFixed(2)} ms`;
  return [
    `pairs without pauses: ${told(atOnce.page.stages)} (medians of ${atOnce.page.stages.length}), ${answered(atOnce.page.wholeMs)}`,
    `  onnxruntime-web alone: ${told(atOnce.bare.stages)}, ${answered(atOnce.bare.wholeMs)}: ${ratio.atOnce.toFixed(2)} ×`,
    `pairs that a visitor chooses, after pauses: ${told(page)} (medians of ${page.length})`,
    `  onnxruntime-web alone: ${told(bare)}: ${ratio.afterPause.toFixed(2)} ×; without pauses: ${ratio.pauseAgainstNone.toFixed(2)} ×`,
    `  onnxruntime-node with one thread: ${median(native.atOnce).toFixed(2)} ms without pauses, ${median(native.afterPause).toFixed(2)} after them: ${(median(native.afterPause) / median(native.atOnce)).toFixed(2)} ×`,
    ...Object.entries(choices).map(([side, list]) => `from choosing a ${side} to its score: ${told(list)}`),
    `tasks above 50 ms on the page's thread in ${long.length} turns${long.length ? `, up to ${Math.max(...long).toFixed(0)} ms` : ''}`,
  ];
}
