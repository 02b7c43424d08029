import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ProgressOutput, startProgress } from '#core/progress.ts';
import { median } from '#node/median.ts';
import { describeMachine, type Machine } from '../machine.ts';
import { writeL3Model } from './l3Model.ts';
import { measureRun } from './measureRun.ts';

type Route = 'typescript' | 'tf2onnx';
const routes = ['typescript', 'tf2onnx'] as const;

export interface ExportBenchReport {
  runs: {
    route: Route;
    /** Of the whole command, start of Node and Python included. */
    seconds: number;
    peakBytes: number | null;
    fileBytes: number;
    nodes: number;
    /** Of one run in ONNX Runtime, one input, one thread, processor time. */
    milliseconds: number;
  }[];
  /** Between the two files' outputs, as a share of the largest number. */
  largestDifference: number;
  ratios: { time: number; memory: number | null; latency: number };
  machine: Machine;
}

export interface ExportBenchOptions {
  /** Of either route, alternating. */
  turns: number;
  output: ProgressOutput;
}

const pathTo = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const clapper = (...args: string[]) => measureRun(process.execPath, [pathTo('../../bin/clapper.mjs'), ...args]);

/** The whole of L3-Net as a layers model → ONNX, by our exporter and by Keras and tf2onnx. */
export async function benchExport({ turns, output }: ExportBenchOptions): Promise<ExportBenchReport> {
  const folder = await mkdtemp(join(tmpdir(), 'clapper-bench-export-'));
  try {
    const model = await writeL3Model(join(folder, 'l3'));
    const files = { typescript: join(folder, 'typescript.onnx'), tf2onnx: join(folder, 'tf2onnx.onnx') };
    const convert = (route: Route) =>
      clapper('export', '--tfjs-model', model, '--out', files[route], '--route', route, '--no-compare', '--json');
    output.write('Making the environment of tf2onnx, where it is not there yet …\n');
    await convert('tf2onnx'); // not measured
    const measured: Record<Route, { seconds: number; peakBytes: number | null }[]> = { typescript: [], tf2onnx: [] };
    const nodes = { typescript: 0, tf2onnx: 0 };
    const progress = startProgress({ label: 'turn', total: turns, output });
    for (let turn = 0; turn < turns; turn++) {
      for (const route of turn % 2 === 0 ? routes : routes.toReversed()) {
        const run = await convert(route);
        measured[route].push(run);
        nodes[route] = JSON.parse(run.stdout).nodes;
      }
      progress.update(turn + 1);
    }
    progress.end();
    const compared = await clapper('verify', '--bundle', files.typescript, '--against', files.tf2onnx, '--json');
    const differences = JSON.parse(compared.stdout).comparisons[0].differences as Record<string, number>;
    const timed = await measureRun(process.execPath, [
      pathTo('../../node/program.mjs'),
      pathTo('./latency.ts'),
      '10',
      ...Object.values(files),
    ]);
    const milliseconds = JSON.parse(timed.stdout) as [number, number];
    const runs = await Promise.all(
      routes.map(async (route, i) => {
        const peaks = measured[route].map(({ peakBytes }) => peakBytes).filter((peak) => peak !== null);
        return {
          route,
          seconds: median(measured[route].map(({ seconds }) => seconds)),
          peakBytes: peaks.length > 0 ? Math.max(...peaks) : null,
          fileBytes: (await stat(files[route])).size,
          nodes: nodes[route],
          milliseconds: milliseconds[i] as number,
        };
      }),
    );
    const [ours, theirs] = runs as [(typeof runs)[number], (typeof runs)[number]];
    return {
      runs,
      largestDifference: Math.max(...Object.values(differences)),
      ratios: {
        time: ours.seconds / theirs.seconds,
        memory: ours.peakBytes && theirs.peakBytes ? ours.peakBytes / theirs.peakBytes : null,
        latency: ours.milliseconds / theirs.milliseconds,
      },
      machine: describeMachine(),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
