import { readdirSync, readFileSync } from 'node:fs';

/** @returns a server's worker processes, by Linux' own list. */
export function workersOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
}

/** Of a server and its workers together, without pages of files: of those each process has a share that depends on who else runs Node. */
export function memoryMb(pid: number): number {
  const kilobytes = [pid, ...workersOf(pid)].map((id) =>
    Number(/^Pss_Anon:\s+(\d+)/m.exec(read(`/proc/${id}/smaps_rollup`))?.[1] ?? 0),
  );
  return kilobytes.reduce((sum, one) => sum + one, 0) / 1024;
}

function parentOf(pid: string): number {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** A process may have ended since it was listed. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
