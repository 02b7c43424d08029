import type { Value } from './experiment.ts';

/** A run's metrics as a result has them, with their intervals; accuracy first. */
export function valuesOf(metrics: Record<string, number>): Value[] {
  const names = Object.keys(metrics).filter((name) => !/(Low|High)$/.test(name));
  return ['accuracy', ...names.filter((name) => name !== 'accuracy')].map((name) => valueFrom(name, metrics, name));
}

/** One of a run's metrics with its interval, by a name of its own. */
export function valueFrom(name: string, metrics: Record<string, number>, metric = 'accuracy'): Value {
  return {
    name,
    value: metrics[metric] as number,
    low: metrics[`${metric}Low`] ?? null,
    high: metrics[`${metric}High`] ?? null,
  };
}

/** One without an interval. */
export function plainValue(name: string, value: number): Value {
  return { name, value, low: null, high: null };
}

/** As `clapper train` takes them. */
export function sets(...settings: string[]): string[] {
  return settings.flatMap((setting) => ['--set', setting]);
}
