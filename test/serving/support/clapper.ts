import { type ChildProcess, spawn } from 'node:child_process';

export interface Ended {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** The command as people run it: in a process of its own. */
export interface Running {
  process: ChildProcess;
  ended: Promise<Ended>;
  /** Waits until stdout has this, and fails where the command ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
}

export function startClapper(args: string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, ['bin/clapper.mjs', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
      child.emit('said');
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (exitCode) => resolve({ exitCode, ...output }));
  });
  return {
    process: child,
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(output.stdout);
          if (found) resolve(found);
        };
        child.on('said', look);
        child.on('close', (code) =>
          reject(new Error(`clapper ended with ${code} before it said ${pattern}: ${output.stderr}`)),
        );
        look();
      }),
  };
}

export async function runClapper(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return startClapper(args, env).ended;
}

export interface Server {
  url: string;
  running: Running;
  /** As an operator stops it. */
  stop(): Promise<Ended>;
}

/**
 * A server of the published digits model on a free port.
 *
 * @param onLog told of what it says on stderr.
 */
export async function startServer(
  args: string[] = ['--bundle', 'models/digits'],
  onLog?: (text: string) => void,
  env: Record<string, string> = {},
): Promise<Server> {
  const running = startClapper(['serve', '--port', '0', ...args], env);
  if (onLog) running.process.stderr?.on('data', onLog);
  const [, url] = await running.said(/on (http:\S+)\n/);
  return {
    url: url as string,
    running,
    stop() {
      running.process.kill('SIGTERM');
      return running.ended;
    },
  };
}
