import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '#core/errors.ts';
import { type Checkpoint, loadCheckpoint } from './checkpoint.ts';
import { loadNewestCheckpoint } from './savedCheckpoints.ts';

/**
 * @param path of a checkpoint, or of a run: its newest.
 * @throws {InputError} where there is none.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  if (existsSync(join(path, 'state.json'))) return loadCheckpoint(path);
  const newest = await loadNewestCheckpoint(path);
  if (newest) return newest;
  throw new InputError(
    `Expected a run or a checkpoint but there is none at ${path}. One is made by: npx clapper train`,
    'not_found',
  );
}
