import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InputError } from '#core/errors.ts';
import type { ProgressOutput } from '#core/progress.ts';

const run = promisify(execFile);

export interface EnvironmentOptions {
  requirementsFile: string;
  cacheFolder: string;
  output: ProgressOutput;
}

/**
 * A virtual environment for what is measured against, made the first time. pip's own settings apply: where an index of
 * CPU builds is known to it, they are taken.
 *
 * @returns the path of its Python.
 */
export async function pythonEnvironment(options: EnvironmentOptions): Promise<string> {
  const { requirementsFile, cacheFolder, output } = options;
  const requirements = await readFile(requirementsFile, 'utf8');
  const digest = createHash('sha256').update(requirements).digest('hex').slice(0, 8);
  const folder = join(cacheFolder, `bench-python-${digest}`);
  const python = join(folder, 'bin', 'python');
  const marker = join(folder, 'installed'); // written last: without it the folder is unfinished
  if (existsSync(marker)) return python;

  const names = requirements.trim().split('\n').join(', ');
  output.write(`Installing ${names} into ${folder} (once; with CUDA libraries up to 5 GB) …\n`);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(cacheFolder, { recursive: true });
    await run('python3', ['-m', 'venv', folder]);
    await run(python, ['-m', 'pip', 'install', '--quiet', '--no-cache-dir', '-r', requirementsFile], {
      maxBuffer: 1e8,
    });
    await writeFile(marker, requirements);
  } catch (cause) {
    const { stderr, message } = cause as Error & { stderr?: string };
    const reason = (stderr || message).trim().split('\n').slice(-3).join('\n');
    throw new InputError(
      `Expected to install ${names} to measure against but it failed:\n${reason}\n` +
        'It needs python3 with venv and pip, and their package index.',
      'not_found',
      { cause },
    );
  }
  return python;
}
