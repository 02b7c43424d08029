import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { cacheFolder } from '#node/cacheFolder.ts';
import { nonNegativeNumber, positiveInteger, positiveNumber } from '#node/flags.ts';
import type { ServeBenchOptions, ServeBenchReport } from './run.ts';
import { type ServerName, serverNames } from './servers.ts';

type Flags = Omit<ServeBenchOptions, 'audio' | 'image' | 'cacheFolder' | 'output'> & {
  audio?: string;
  image?: string;
  json?: true;
};

const variants = ['fp32', 'fp16', 'int8'];

export function addServeBench(bench: Command): void {
  bench
    .command('serve')
    .description('requests a second of the server, against FastAPI and LitServe')
    .option('--bundle <folder>', 'that all of them serve', 'models/digits')
    .addOption(new Option('--variant <name>', 'of the bundle').choices(variants).default('fp32'))
    .addOption(new Option('--peers-variant <name>', 'that the others serve (default: the same)').choices(variants))
    .option('--audio <file>', 'to ask about (default: a spoken digit)')
    .option('--image <file>', 'to ask about (default: a handwritten digit)')
    .option('--connections <list>', 'of the closed loops', integers, [1, 4, 16, 64])
    .option('--rate <number>', 'requests a second of the open loop; 0: none', nonNegativeNumber, 200)
    .option('--seconds <number>', 'of one turn', positiveNumber, 3)
    .option('--turns <number>', 'of each server under each load', positiveInteger, 3)
    .option('--workers <number>', 'of ours and LitServe', positiveInteger, 2)
    .addOption(new Option('--device <name>', 'that ours computes on').choices(['cpu', 'cuda']).default('cpu'))
    .option('--servers <list>', `${serverNames.join(', ')} (default: all)`, servers)
    .option('--json', 'print one object on stdout')
    .addHelpText(
      'after',
      '\nIt makes a virtual environment in ~/.cache/clapper; CLAPPER_CACHE names another folder. With --servers clapper it takes no Python.',
    )
    .action(async ({ audio, image, json, ...options }: Flags) => {
      const { benchServe } = await import('./run.ts');
      const { provideDigitFiles } = await import('./digitFiles.ts');
      const digits = await provideDigitFiles(join(cacheFolder(), 'bench-serve'));
      const files = { audio: audio ?? digits.audio, image: image ?? digits.image };
      const report = await benchServe({ ...options, ...files, cacheFolder: cacheFolder(), output: process.stderr });
      if (json) console.log(JSON.stringify(report));
      else console.error(describe(report));
    });
}

function describe({ measurements, ratios, ceiling, largestDifference }: ServeBenchReport): string {
  const lines = measurements.map((one) => {
    const { server, load, requestsPerSecond, p50Ms, p99Ms, cpuMsPerRequest, memoryMb, failures } = one;
    const cells = [
      load.padStart(6),
      server.padEnd(10),
      `${requestsPerSecond.toFixed(0).padStart(6)} req/s`,
      `p50 ${p50Ms.toFixed(1)} ms`,
      `p99 ${p99Ms.toFixed(1)} ms`,
      `${cpuMsPerRequest?.toFixed(2) ?? '–'} ms of processor time`,
      `${memoryMb?.toFixed(0) ?? '–'} MB`,
      failures > 0 ? `${failures} failed` : '',
    ];
    return cells.join('  ');
  });
  for (const [load, speed] of Object.entries(ratios.speed)) {
    const cpu = (ratios.cpu[load] as number).toFixed(2);
    lines.push(
      `${load}: ${speed.toFixed(2)} × the best of the others, p99 ${ratios.p99[load]?.toFixed(2)} ×, processor time ${cpu} × better`,
    );
  }
  if (ceiling !== null) {
    const most = Math.max(...Object.values(ratios.ofCeiling));
    lines.push(`ONNX Runtime alone: ${ceiling.toFixed(0)} pairs/s; ours reaches ${(100 * most).toFixed(0)} %`);
  }
  lines.push(`largest difference between their scores: ${largestDifference.toExponential(1)}`);
  return lines.join('\n');
}

function servers(text: string): ServerName[] {
  const names = text.split(',').map((name) => name.trim());
  const isKnown = (name: string): name is ServerName => serverNames.some((known) => known === name);
  if (names.every(isKnown)) return names;
  throw new InvalidArgumentError(`Expected some of ${serverNames.join(', ')}, separated by commas.`);
}

function integers(text: string): number[] {
  const numbers = text.split(',').map(Number);
  if (numbers.every((number) => Number.isInteger(number) && number > 0)) return numbers;
  throw new InvalidArgumentError('Expected whole numbers, separated by commas.');
}
