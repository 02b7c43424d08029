import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';

export function addBenchCommands(program: Command): void {
  const bench = program.command('bench').description('measure against others, side by side');

  bench
    .command('data')
    .description('pairs a second of the batch loader, against a PyTorch DataLoader')
    .option('--blocks <number>', 'turns of either side', positive, 20)
    .option('--pairs <number>', 'pairs of either side, in all', positive, 20_000)
    .option('--json', 'print one object on stdout')
    .addHelpText(
      'after',
      '\nIt makes a virtual environment with PyTorch in ~/.cache/clapper; CLAPPER_CACHE names another folder.',
    )
    .action(async ({ blocks, pairs, json }: { blocks: number; pairs: number; json?: true }) => {
      const { benchData } = await import('./data/run.ts');
      const report = await benchData({ blocks, pairs, cacheFolder: cacheFolder(), output: process.stderr });
      if (json) return console.log(JSON.stringify(report));
      for (const { name, pairsPerSecond, cpuMilliseconds, peakBytes } of report.runs) {
        const cpu = cpuMilliseconds === null ? '' : `, ${cpuMilliseconds.toFixed(2)} ms of processor time a pair`;
        const memory = peakBytes === null ? '' : `, ${(peakBytes / 1e6).toFixed(0)} MB at most`;
        console.error(`${name}: ${pairsPerSecond.toFixed(0)} pairs/s${cpu}${memory}`);
      }
      console.error(`${report.ratios.speedVsPytorch.toFixed(2)} × PyTorch (median of ${report.blocks.length})`);
    });
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('Expected a whole number above 0.');
  return number;
}

function cacheFolder(): string {
  const { CLAPPER_CACHE, XDG_CACHE_HOME } = process.env;
  return CLAPPER_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'clapper');
}
