import { createHash } from 'node:crypto';
import type { CheckpointState } from '#core/checkpoint.ts';
import type { PreparedDataset } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';

type DatasetRecord = CheckpointState['dataset'];

/** What a checkpoint says of a prepared dataset. */
export function datasetRecord(info: PreparedDataset, testFold: number | null): DatasetRecord {
  const { name, description, licence, pairing, categories, counts, shards } = info;
  const digest = createHash('sha256').update(JSON.stringify({ pairing, categories, counts, shards })).digest('hex');
  return { name, description, licence, testFold, digest };
}

/**
 * Prepared anew, a dataset may have other splits: what was trained on before would be what is judged by.
 *
 * @throws {InputError} where the dataset is not the one that the run was begun with.
 */
export function expectSameDataset(begun: DatasetRecord, now: DatasetRecord, runDir: string): void {
  if (begun.digest === undefined || begun.digest === now.digest) return;
  throw new InputError(
    `${runDir} was begun with another dataset than "${now.name}" is now: it was prepared anew since, from other files or with other settings. ` +
      'Prepare it as it was, or begin anew in another folder with --out.',
  );
}
