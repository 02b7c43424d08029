import { type PrepareOptions, type PrepareResult, prepareDataset } from '../../../prepare/prepare.ts';

/** As the command does it, quietly; 8 kHz, for resampling to 48 kHz takes most of the time. */
export function prepare(
  options: Pick<PrepareOptions, 'kind' | 'from' | 'out'> & Partial<PrepareOptions>,
): Promise<PrepareResult> {
  return prepareDataset({
    categoriesFile: null,
    part: { number: 1, of: 1 },
    workers: 2,
    maxBad: 0.01,
    output: { write: () => {} },
    ...options,
    settings: { sampleRate: 8000, ...options.settings },
  });
}
