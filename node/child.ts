import { type ChildProcess, fork } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { optimiseSoon } from './optimiseSoon.mjs';

/** The file descriptor that a child reads its pipe from. */
export const childPipe = 4;

/**
 * Starts a process of a TypeScript module, which exchanges messages with this one (typed arrays too) and ends with it.
 *
 * @param module reads messages with `process.on('message')`, and answers with `process.send`; bytes that need no message with {@link childPipe}.
 * @param options.env default this process'.
 */
export function startChild(
  module: URL,
  { env = process.env }: { env?: NodeJS.ProcessEnv | undefined } = {},
): { child: ChildProcess; pipe: Writable } {
  const child = fork(fileURLToPath(new URL('./program.mjs', import.meta.url)), [fileURLToPath(module)], {
    serialization: 'advanced',
    // One heap for all threads of the process: glibc's one a thread keep what others could use.
    env: { MALLOC_ARENA_MAX: '1', ...env },
    execArgv: [...memoryFlags, optimiseSoon],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc', 'pipe'],
  });
  const pipe = child.stdio[childPipe] as Writable;
  pipe.on('error', () => {}); // the child has ended, and its exit says so
  return { child, pipe };
}

/**
 * What a message leaves is gone with the next: a larger nursery would only keep more of it, and helpers that collect it would have to be woken and
 * waited for. Bytes of photos and sounds count for the collector, which would come with each of them; a heap that may double first takes a fifth less
 * processor time for a photo with 10 s of sound, and 6 MB.
 */
const memoryFlags = [
  '--max-semi-space-size=1',
  '--heap-growing-percent=100',
  '--v8-pool-size=1',
  '--single-threaded-gc',
];
