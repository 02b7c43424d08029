import { statfs } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { InputError } from '#core/errors.ts';
import { formatBytes } from '#core/progress.ts';
import { newestCheckpointFolder } from './savedCheckpoints.ts';

/** @returns the error that stopped a run as people are told it: why, which checkpoint is left, and how to go on. Mistakes of ours stay as they are. */
export async function explainStop(error: unknown, runDir: string): Promise<unknown> {
  const reason = error instanceof InputError ? error : await explainWriting(error as NodeJS.ErrnoException, runDir);
  if (!reason) return error;
  const left = await newestCheckpointFolder(runDir);
  if (!left) return reason;
  const next = `The last whole checkpoint is ${left}; the same command with --resume goes on from there.`;
  return new InputError(`${reason.message}\n${next}`, reason.kind, { cause: error });
}

/** @returns what kept the run's folder from being written to; null for an error of another kind. */
export async function explainWriting(error: NodeJS.ErrnoException, runDir: string): Promise<InputError | null> {
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    const { bavail, bsize } = await statfs(runDir);
    return new InputError(
      `Expected to write to ${runDir} but the disk is full (${formatBytes(bavail * bsize)} free). Free some space.`,
      'too_large',
    );
  }
  const isOurs = error.code !== undefined && error.path !== undefined && isIn(error.path, runDir);
  return isOurs ? new InputError(`Expected to write to ${runDir} but ${error.message}.`) : null;
}

/** However both are written. */
function isIn(path: string, folder: string): boolean {
  return `${resolve(path)}${sep}`.startsWith(`${resolve(folder)}${sep}`);
}
