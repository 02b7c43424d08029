import type { Metrics } from '../task.ts';

/**
 * What could be measured of a split: of one category there is no ROC AUC, say, and JSON has no NaN: a checkpoint that held one could not be
 * read again.
 */
export function measured(metrics: Metrics): Metrics {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
}
