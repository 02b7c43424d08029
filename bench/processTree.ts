import { readdirSync, readFileSync } from 'node:fs';

/** What a process and those that it started use together. Linux tells it; null elsewhere. */
export interface ProcessTree {
  /** Now. Memory that the tree's processes share is counted once. */
  bytes(): number | null;
  /** As seen twice a second, where that is wanted. */
  peakBytes(): number | null;
  /** Of processor time since the start, in steps of 10 ms. */
  cpuSeconds(): number | null;
  end(): void;
}

/** @param options.seeksPeak twice a second a look at memory, which holds up this process and those it looks at: not while requests are timed. */
export function watchProcessTree(pid: number, { seeksPeak = true } = {}): ProcessTree {
  let peak: number | null = null;
  const bytes = () => {
    const now = memoryOf(processesOf(pid));
    if (now !== null) peak = Math.max(peak ?? 0, now);
    return now;
  };
  const timer = seeksPeak ? setInterval(bytes, 500) : undefined;
  return {
    bytes,
    peakBytes: () => peak,
    cpuSeconds: () => {
      const ticks = processesOf(pid)?.map((id) => cpuTicks(read(`/proc/${id}/stat`)));
      return ticks ? sum(ticks) / 100 : null;
    },
    end: () => clearInterval(timer),
  };
}

function processesOf(root: number): number[] | null {
  if (process.platform !== 'linux') return null;
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name)) parents.set(Number(name), Number(fieldsOf(read(`/proc/${name}/stat`))[1] ?? 0));
  }
  const isInTree = (pid: number | undefined): boolean =>
    pid === root || (pid !== undefined && isInTree(parents.get(pid)));
  return [...parents.keys()].filter(isInTree);
}

/**
 * Of one process its resident size, of several their proportional set sizes: the kernel makes those up page by page, which takes
 * tens of milliseconds for a gigabyte and holds up the process meanwhile.
 */
function memoryOf(pids: number[] | null): number | null {
  if (!pids) return null;
  const [file, line] =
    pids.length === 1 ? (['status', /^VmRSS:\s+(\d+)/m] as const) : (['smaps_rollup', /^Pss:\s+(\d+)/m] as const);
  return 1024 * sum(pids.map((pid) => Number(line.exec(read(`/proc/${pid}/${file}`))?.[1] ?? 0)));
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** In user and system mode. */
function cpuTicks(stat: string): number {
  const fields = fieldsOf(stat);
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

/** What follows the program's name, which may hold spaces itself: state, parent, … (`man 5 proc`). */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** A process may have ended since it was listed. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
