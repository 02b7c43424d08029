import { type Command, Option } from 'commander';
import { cacheFolder } from '#node/cacheFolder.ts';
import { positiveInteger, positiveNumber } from '#node/flags.ts';
import { addPageBench } from './page/command.ts';
import { addServeBench } from './serve/command.ts';

const environmentNote =
  '\nIt makes a virtual environment with PyTorch in ~/.cache/clapper; CLAPPER_CACHE names another folder.';

export function addBenchCommands(program: Command): void {
  const bench = program.command('bench').description('measure against others, side by side');
  addServeBench(bench);
  addPageBench(bench);

  bench
    .command('data')
    .description('pairs a second of the batch loader, against a PyTorch DataLoader')
    .option('--blocks <number>', 'turns of either side', positiveInteger, 20)
    .option('--pairs <number>', 'pairs of either side, in all', positiveInteger, 20_000)
    .option('--json', 'print one object on stdout')
    .addHelpText('after', environmentNote)
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

  bench
    .command('export')
    .description('time, memory and size of exporting the whole of L3-Net, against Keras and tf2onnx')
    .option('--turns <number>', 'of either side', positiveInteger, 3)
    .option('--json', 'print one object on stdout')
    .addHelpText(
      'after',
      '\nIt makes a virtual environment with TensorFlow 2.15 in ~/.cache/clapper, which takes Python 3.11.',
    )
    .action(async ({ turns, json }: { turns: number; json?: true }) => {
      const { benchExport } = await import('./export/run.ts');
      const report = await benchExport({ turns, output: process.stderr });
      if (json) return console.log(JSON.stringify(report));
      for (const { route, seconds, peakBytes, fileBytes, nodes, milliseconds } of report.runs) {
        const memory = peakBytes === null ? '' : `, ${(peakBytes / 1e6).toFixed(0)} MB at most`;
        const file = `${(fileBytes / 1e6).toFixed(1)} MB, ${nodes} nodes, ${milliseconds.toFixed(0)} ms a run`;
        console.error(`${route}: ${seconds.toFixed(1)} s${memory}; ${file}`);
      }
      console.error(`largest difference: ${report.largestDifference.toExponential(1)} of the largest number`);
    });

  bench
    .command('media')
    .description('processor time of decoding sounds and pictures, against soundfile, soxr and Pillow')
    .option('--blocks <number>', 'turns of either side', positiveInteger, 9)
    .option('--json', 'print one object on stdout')
    .addHelpText('after', environmentNote.replace('PyTorch', 'soundfile, soxr and Pillow'))
    .action(async ({ blocks, json }: { blocks: number; json?: true }) => {
      const { benchMedia } = await import('./media/run.ts');
      const report = await benchMedia({ blocks, cacheFolder: cacheFolder(), output: process.stderr });
      if (json) console.log(JSON.stringify(report));
    });

  bench
    .command('train')
    .description('time and memory of the training step, against stock tfjs layers and PyTorch, eager and compiled')
    .option('--width <factor>', "of L3-Net's channels", positiveNumber, 0.25)
    .addOption(new Option('--stem-stride <number>', 'of the first convolution').choices(['1', '2']).default('2'))
    .option('--batch <number>', 'sounds, and as many pictures, in a step', positiveInteger, 16)
    .addOption(
      new Option('--precision <kind>', "of the step, and of PyTorch's by autocast; bf16 takes a processor with AMX")
        .choices(['float32', 'bf16'])
        .default('float32'),
    )
    .option('--steps <number>', 'of each in a block', positiveInteger, 10)
    .option('--blocks <number>', 'turns of each', positiveInteger, 5)
    .option('--json', 'print one object on stdout')
    .addHelpText('after', environmentNote)
    .action(async ({ stemStride, batch, json, ...flags }: TrainFlags) => {
      const { benchTrain } = await import('./train/run.ts');
      const options = {
        ...flags,
        stemStride: Number(stemStride) as 1 | 2,
        batchSize: batch,
        cacheFolder: cacheFolder(),
        output: process.stderr,
      };
      const report = await benchTrain(options);
      if (json) return console.log(JSON.stringify(report));
      for (const { name, msPerStep, pairsPerSecond, peakBytes } of report.runs) {
        const memory = peakBytes === null ? '' : `, ${(peakBytes / 1e6).toFixed(0)} MB at most`;
        console.error(`${name}: ${msPerStep.toFixed(0)} ms a step, ${pairsPerSecond.toFixed(1)} pairs/s${memory}`);
      }
      const { timeVsPytorch, timeVsCompiled, timeVsTfjs, memoryVsPytorch, loaderOverhead } = report.ratios;
      const memory = memoryVsPytorch === null ? '' : ` and ${memoryVsPytorch.toFixed(2)} × its memory`;
      console.error(
        `${timeVsPytorch.toFixed(2)} × the time of PyTorch (${report.pytorch.format})${memory}, ${timeVsCompiled.toFixed(2)} × of it compiled, ` +
          `${timeVsTfjs.toFixed(2)} × the time of tfjs; with the loader beside it ${loaderOverhead.toFixed(2)} × ` +
          `(medians of ${report.blocks.length} blocks and ${report.loaderSteps.length} steps)`,
      );
    });
}

interface TrainFlags {
  width: number;
  stemStride: '1' | '2';
  batch: number;
  precision: 'float32' | 'bf16';
  steps: number;
  blocks: number;
  json?: true;
}
