import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a Python program that may import onnx, onnxruntime and numpy. @returns what it prints. */
export type Python = (...args: string[]) => Promise<string>;

/** Installs the packages into the cache the first time. @returns why not, where Python, pip or the packages cannot be had. */
export async function pythonWithOnnx(): Promise<Python | { missing: string }> {
  try {
    const { stdout } = await run('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    const cache = process.env.CLAPPER_CACHE ?? join(homedir(), '.cache/clapper');
    const packages = join(cache, `test-onnx-python${stdout.trim()}`);
    if (!existsSync(packages)) {
      const unfinished = `${packages}.unfinished-${process.pid}`;
      await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', unfinished, 'onnx', 'onnxruntime', 'numpy']);
      await rename(unfinished, packages).catch(() => rm(unfinished, { recursive: true })); // another run was first
    }
    const env = { ...process.env, PYTHONPATH: packages };
    return async (...args) => (await run('python3', args, { env, maxBuffer: 1e8 })).stdout;
  } catch (error) {
    return { missing: `needs python3 with pip, onnx and onnxruntime: ${(error as Error).message.split('\n')[0]}` };
  }
}
