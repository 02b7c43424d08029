import type { PreparedDataset } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';

/** @throws {InputError} where the dataset's sound is of another rate than the network's. */
export function checkRate(info: PreparedDataset, { sampleRate, folder }: { sampleRate: number; folder: string }): void {
  if (info.sampleRate === sampleRate) return;
  throw new InputError(
    `Expected a dataset at the network's ${sampleRate} Hz but ${folder} is at ${info.sampleRate} Hz. Prepare it again with ` +
      `--sample-rate ${sampleRate}, or choose a network for it: --set network.sampleRate=${info.sampleRate}.`,
  );
}
