import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ProgressOutput } from '#core/progress.ts';
import { read } from '#node/files.ts';
import { median } from '#node/median.ts';
import { describeMachine, type Machine } from '../machine.ts';
import { pythonEnvironment } from '../pythonEnvironment.ts';
import { expectSameAnswers, type MatchAnswer } from './answers.ts';
import { closedLoop, type Load, openLoop, type PreparedRequest, prepareRequest } from './load.ts';
import { type MeasuredServer, type ServerName, serverNames, startServer } from './servers.ts';

export interface ServeBenchOptions {
  bundle: string;
  variant: string;
  /** That the others serve; default the same. */
  peersVariant?: string | undefined;
  /** Files that are asked about. */
  audio: string;
  image: string;
  connections: number[];
  /** Requests a second of the open loop; 0: none. */
  rate: number;
  /** Of one turn. */
  seconds: number;
  turns: number;
  workers: number;
  /** That ours computes on; the others compute on the processor. */
  device: 'cpu' | 'cuda';
  servers?: ServerName[] | undefined;
  cacheFolder: string;
  output: ProgressOutput;
}

/** One server under one load: medians of its turns. */
export interface Measurement {
  server: string;
  /** Connections of a closed loop, or requests a second of an open one. */
  load: string;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  failures: number;
  /** Of the server and all its processes; the client's comes on top of it. */
  cpuMsPerRequest: number | null;
  clientCpuMsPerRequest: number;
  memoryMb: number | null;
}

export interface ServeBenchReport {
  machine: Machine;
  options: Pick<
    ServeBenchOptions,
    'bundle' | 'variant' | 'peersVariant' | 'audio' | 'image' | 'seconds' | 'turns' | 'workers' | 'device'
  >;
  /** Of each server. Before anything is timed, all must agree, window by window. */
  scores: Record<string, number>;
  largestDifference: number;
  /** Pairs a second of ONNX Runtime alone on the processor, in as many processes as there are workers, its turn after the servers'; null: no Python was asked for. */
  ceiling: number | null;
  measurements: Measurement[];
  ratios: {
    /** By the load: ours against the best of the others. */
    speed: Record<string, number>;
    /** Processor time a request, client included, of the best of the others against ours: what speed is on a quiet machine. */
    cpu: Record<string, number>;
    p99: Record<string, number>;
    /** Of what ONNX Runtime alone makes in the same turns; empty where that was not measured. */
    ofCeiling: Record<string, number>;
  };
}

/** Ours and others answer the same request, in turns, on the same cores as the client. */
export async function benchServe(options: ServeBenchOptions): Promise<ServeBenchReport> {
  const { bundle, variant, peersVariant = variant, audio, image } = options;
  const { connections, rate, seconds, turns, workers, device, output } = options;
  const names = options.servers ?? serverNames;
  const requirementsFile = fileURLToPath(new URL('./requirements.txt', import.meta.url));
  const python = names.every((name) => name === 'clapper')
    ? null
    : await pythonEnvironment({ requirementsFile, cacheFolder: options.cacheFolder, output });
  const files = { audio: await read(audio), image: await read(image) };
  const servers: MeasuredServer[] = [];
  const measured: { server: string; load: string; value: Turn }[] = [];
  const answers: Record<string, MatchAnswer> = {};
  let largestDifference: number;
  /** By the load, a number each turn. */
  const ceilings = new Map<string, number[]>();
  try {
    for (const name of names) {
      output.write(`Starting ${name} …\n`);
      const served = name === 'clapper' ? variant : peersVariant;
      servers.push(await startServer(name, { bundle, variant: served, python: python ?? '', workers, device }));
    }
    for (const server of servers) {
      output.write(`Warming ${server.name} …\n`);
      const warm = await warmUp(prepareRequest(server.port, files));
      answers[server.name] = JSON.parse(warm.answer);
    }
    largestDifference = expectSameAnswers(answers, { isSameVariant: peersVariant === variant });
    const loads = [
      ...connections.map((count) => ({ name: String(count), run: closedWith(count, seconds) })),
      ...(rate > 0 ? [{ name: `${rate}/s`, run: openWith(rate, seconds) }] : []),
    ];
    for (const load of loads) {
      for (let turn = 0; turn < turns; turn++) {
        for (const server of servers) {
          output.write(`${load.name} · turn ${turn + 1} of ${turns} · ${server.name}\n`);
          const value = await takeTurn(server, () => load.run(prepareRequest(server.port, files)));
          measured.push({ server: server.name, load: load.name, value });
        }
        if (python === null) continue;
        output.write(`${load.name} · turn ${turn + 1} of ${turns} · ONNX Runtime alone\n`);
        const pairs = await measureCeiling({ python, bundle, variant, workers, seconds });
        ceilings.set(load.name, [...(ceilings.get(load.name) ?? []), pairs]);
      }
    }
  } finally {
    await Promise.all(servers.map((server) => server.end()));
  }
  const measurements = summarise(measured);
  return {
    machine: describeMachine(),
    options: { bundle, variant, peersVariant, audio, image, seconds, turns, workers, device },
    scores: Object.fromEntries(Object.entries(answers).map(([name, { score }]) => [name, score])),
    largestDifference,
    ceiling: python === null ? null : median([...ceilings.values()].flat()),
    measurements,
    ratios: compare(measurements, new Map(Array.from(ceilings, ([load, pairs]) => [load, median(pairs)]))),
  };
}

/** Compilers at run time settle after some thousand requests, which few servers in use have not had. */
async function warmUp(request: PreparedRequest): Promise<Load> {
  const endMs = performance.now() + 30_000;
  for (let requests = 0; ; ) {
    const load = await closedLoop(request, { connections: 16, seconds: 1 });
    requests += load.latencies.length;
    if (requests >= 5000 || performance.now() > endMs) return load;
  }
}

const closedWith = (connections: number, seconds: number) => (request: PreparedRequest) =>
  closedLoop(request, { connections, seconds });
const openWith = (rate: number, seconds: number) => (request: PreparedRequest) => openLoop(request, { rate, seconds });

type Turn = Omit<Measurement, 'server' | 'load'>;

async function takeTurn({ tree }: MeasuredServer, run: () => Promise<Load>): Promise<Turn> {
  const before = { server: tree.cpuSeconds(), client: process.cpuUsage() };
  const { latencies, failures, seconds } = await run();
  const server = tree.cpuSeconds();
  const { user, system } = process.cpuUsage(before.client);
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  const count = Math.max(1, latencies.length);
  const bytes = tree.bytes();
  return {
    requestsPerSecond: latencies.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    failures,
    cpuMsPerRequest: server === null || before.server === null ? null : (1000 * (server - before.server)) / count,
    clientCpuMsPerRequest: (user + system) / 1000 / count,
    memoryMb: bytes === null ? null : bytes / 1e6,
  };
}

function summarise(measured: { server: string; load: string; value: Turn }[]): Measurement[] {
  const groups = new Map<string, { server: string; load: string; turns: Turn[] }>();
  for (const { server, load, value } of measured) {
    const key = `${load} ${server}`;
    const group = groups.get(key) ?? { server, load, turns: [] };
    group.turns.push(value);
    groups.set(key, group);
  }
  return Array.from(groups.values(), ({ server, load, turns }) => {
    const of = (name: keyof Turn) => median(turns.map((turn) => turn[name] ?? Number.NaN));
    const nullable = (name: keyof Turn) => (turns.some((turn) => turn[name] === null) ? null : of(name));
    return {
      server,
      load,
      requestsPerSecond: of('requestsPerSecond'),
      p50Ms: of('p50Ms'),
      p99Ms: of('p99Ms'),
      failures: turns.reduce((sum, { failures }) => sum + failures, 0),
      cpuMsPerRequest: nullable('cpuMsPerRequest'),
      clientCpuMsPerRequest: of('clientCpuMsPerRequest'),
      memoryMb: nullable('memoryMb'),
    };
  });
}

function compare(measurements: Measurement[], ceilings: ReadonlyMap<string, number>): ServeBenchReport['ratios'] {
  const ratios: ServeBenchReport['ratios'] = { speed: {}, cpu: {}, p99: {}, ofCeiling: {} };
  for (const ours of measurements.filter(({ server }) => server === 'clapper')) {
    const others = measurements.filter(({ server, load }) => server !== 'clapper' && load === ours.load);
    const ceiling = ceilings.get(ours.load);
    if (ceiling) ratios.ofCeiling[ours.load] = ours.requestsPerSecond / ceiling;
    if (others.length === 0) continue;
    const cpu = ({ cpuMsPerRequest, clientCpuMsPerRequest }: Measurement) =>
      (cpuMsPerRequest ?? Number.NaN) + clientCpuMsPerRequest;
    const best = others.reduce((a, b) => (b.requestsPerSecond > a.requestsPerSecond ? b : a));
    ratios.speed[ours.load] = ours.requestsPerSecond / best.requestsPerSecond;
    ratios.cpu[ours.load] = Math.min(...others.map(cpu)) / cpu(ours);
    ratios.p99[ours.load] = ours.p99Ms / best.p99Ms;
  }
  return ratios;
}

interface CeilingOptions {
  python: string;
  bundle: string;
  variant: string;
  workers: number;
  seconds: number;
}

async function measureCeiling({ python, bundle, variant, workers, seconds }: CeilingOptions): Promise<number> {
  const peer = fileURLToPath(new URL('./peer.py', import.meta.url));
  const args = [peer, 'ceiling', bundle, variant, String(seconds), String(workers)];
  const { stdout } = await promisify(execFile)(python, args);
  return JSON.parse(stdout).pairsPerSecond;
}
