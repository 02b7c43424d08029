import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Run {
  seconds: number;
  /** Of it and those that it started, of each its own most, together. Null where the system does not say (it is not Linux). */
  peakBytes: number | null;
  stdout: string;
}

/** Runs a program to its end. @throws {Error} with what it said, where it fails. */
export function measureRun(program: string, args: string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const begin = performance.now();
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const peaks = new Map<number, number>();
    const look = () => {
      for (const pid of familyOf(child.pid ?? 0)) {
        const peak = Number(/^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
        if (peak > 0) peaks.set(pid, 1024 * peak);
      }
    };
    const timer = setInterval(look, 30);
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (text) => {
      said.stdout += text;
    });
    child.stderr.on('data', (text) => {
      said.stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      if (code !== 0) return reject(new Error(`${program} ended with code ${code}:\n${said.stderr.slice(-2000)}`));
      const seconds = (performance.now() - begin) / 1000;
      const total = [...peaks.values()].reduce((sum, bytes) => sum + bytes, 0);
      resolve({ seconds, peakBytes: peaks.size > 0 ? total : null, stdout: said.stdout });
    });
  });
}

function familyOf(root: number): number[] {
  if (process.platform !== 'linux') return [];
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${name}/status`))?.[1] ?? 0)] as const),
  );
  const isIn = (pid: number | undefined): boolean => pid === root || (pid !== undefined && isIn(parents.get(pid)));
  return [...parents.keys()].filter(isIn);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it has ended
  }
}
