import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a Python program that may import the packages. @returns what it prints. */
export type Python = (...args: string[]) => Promise<string>;

/**
 * Installs the packages into the cache the first time.
 *
 * @returns why not, where Python, pip or the packages cannot be had.
 */
export async function pythonWith(packages: string[]): Promise<Python | { missing: string }> {
  try {
    const { stdout } = await run('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    const cache = process.env.CLAPPER_CACHE ?? join(homedir(), '.cache/clapper');
    const folder = join(cache, `test-${packages[0]}-python${stdout.trim()}`);
    if (!existsSync(folder)) {
      const unfinished = `${folder}.unfinished-${process.pid}`;
      await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', unfinished, ...packages]);
      await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true })); // another run was first
    }
    const env = { ...process.env, PYTHONPATH: folder };
    return async (...args) => (await run('python3', args, { env, maxBuffer: 1e8 })).stdout;
  } catch (error) {
    return { missing: `needs python3 with pip, ${packages.join(', ')}: ${(error as Error).message.split('\n')[0]}` };
  }
}
