import type { BundleManifest } from '#core/bundle/manifest.ts';
import type { Evaluation } from '../evaluate/evaluate.ts';

/**
 * What an evaluation measured under the names that a manifest has it by: of pairs as they are, of a classifier behind its name, but for the one
 * that the run was about.
 */
export function metricsOf(
  { split, fold, classifiers, ...ofPairs }: Evaluation,
  { variants }: BundleManifest,
): Record<string, number> {
  const metrics: Record<string, number> = { ...ofPairs };
  const names = Object.keys(classifiers);
  const isAboutOne = 'items' in variants.fp32.metrics;
  for (const [i, name] of names.entries()) {
    const prefix = isAboutOne && i === names.length - 1 ? '' : `${name}-`;
    for (const [metric, value] of Object.entries(classifiers[name] ?? {})) metrics[`${prefix}${metric}`] = value;
  }
  return metrics;
}

/** @returns of each accuracy how much of it the variant lost; below 0: it won. */
export function accuracyDrops(variant: Record<string, number>, fp32: Record<string, number>): Record<string, number> {
  const names = Object.keys(fp32).filter((name) => /(^|-)accuracy$/.test(name) && name in variant);
  return Object.fromEntries(names.map((name) => [name, (fp32[name] as number) - (variant[name] as number)]));
}
