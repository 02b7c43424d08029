import { execFileSync, spawn } from 'node:child_process';

export interface StartedCommand {
  /** All that it has told people so far. */
  stderr(): string;
  /** Resolves once it has said this; rejects where it ends without. */
  said(words: string): Promise<void>;
  /** `code` is null after a kill. */
  ended: Promise<{ code: number | null; stderr: string }>;
  /** Rejects where it exits with anything but 0, with what it told people. */
  readonly succeeds: Promise<void>;
  /** Of memory, by its largest process now. */
  residentBytes(): number;
  /** Ends all of its processes. */
  kill(signal: NodeJS.Signals): void;
}

/** Runs the real `clapper` command in a process group of its own, so that a kill takes the whole of it. */
export function startCommand(...args: string[]): StartedCommand {
  const child = spawn(process.execPath, ['bin/clapper.mjs', ...args], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, stderr })),
  );
  return {
    stderr: () => stderr,
    said: (words) =>
      new Promise((resolve, reject) => {
        const look = () => stderr.includes(words) && resolve();
        child.stderr.on('data', look);
        ended.then(() => reject(new Error(`It ended without saying "${words}":\n${stderr}`)));
        look();
      }),
    ended,
    get succeeds() {
      return ended.then(({ code }) => {
        if (code !== 0) throw new Error(`It exited with ${code}:\n${stderr}`);
      });
    },
    residentBytes() {
      const processes = execFileSync('ps', ['-axo', 'pgid=,rss='], { encoding: 'utf8' }).trim().split('\n');
      const own = processes
        .map((line) => line.trim().split(/\s+/).map(Number))
        .filter(([group]) => group === child.pid);
      return 1024 * Math.max(...own.map(([, kilobytes]) => kilobytes as number));
    },
    kill: (signal) => process.kill(-(child.pid as number), signal),
  };
}
