import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Starts a process of a TypeScript module, which exchanges messages with this one (typed arrays too) and ends with it.
 *
 * @param module reads messages with `process.on('message')`, and answers with `process.send`.
 * @param options.env default this process'.
 */
export function startChild(module: URL, { env }: { env?: NodeJS.ProcessEnv | undefined } = {}): ChildProcess {
  return fork(fileURLToPath(new URL('./program.mjs', import.meta.url)), [fileURLToPath(module)], {
    serialization: 'advanced',
    env,
    // What a message leaves is gone with the next: a larger nursery keeps more of it, and gains nothing.
    execArgv: ['--max-semi-space-size=2'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}
