import { readdirSync, readFileSync } from 'node:fs';

export interface MemoryWatch {
  /** Now; null where the system does not say. */
  bytes(): number | null;
  peakBytes(): number | null;
  end(): void;
}

/** Looks at a process and those that it started, twice a second. */
export function startMemoryWatch(pid: number): MemoryWatch {
  let peak: number | null = null;
  const look = () => {
    const bytes = treeBytes(pid);
    if (bytes !== null) peak = Math.max(peak ?? 0, bytes);
    return bytes;
  };
  const timer = setInterval(look, 500);
  return { bytes: look, peakBytes: () => peak, end: () => clearInterval(timer) };
}

/** The proportional set size: memory that processes share is counted once. Linux tells it. */
function treeBytes(root: number): number | null {
  try {
    const parents = new Map<number, number>();
    for (const name of readdirSync('/proc')) {
      const stat = /^\d+$/.test(name) ? readIfThere(`/proc/${name}/stat`) : '';
      const parent = /\) . (\d+)/.exec(stat)?.[1];
      if (parent) parents.set(Number(name), Number(parent));
    }
    const isInTree = (pid: number | undefined): boolean =>
      pid === root || (pid !== undefined && isInTree(parents.get(pid)));
    const kilobytes = [...parents.keys()]
      .filter(isInTree)
      .map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readIfThere(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0));
    return 1024 * kilobytes.reduce((sum, value) => sum + value, 0);
  } catch {
    return null;
  }
}

/** A process may have ended since it was listed. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
