import { expect, test } from 'vitest';
import { classificationMetrics } from '#core/metrics.ts';
import { evaluationReport } from '../../export/report.ts';

test('of items of one category there is no ROC AUC, and the report says so', () => {
  const row = Float32Array.of(0.9, 0.1);
  const metricsOf = (categories: number[]) =>
    classificationMetrics(
      categories.map(() => row),
      categories.map((category, i) => ({ category, source: `${i}` })),
    );
  const report = (categories: number[]) =>
    evaluationReport({ split: 'test', fold: null, classifiers: { dogs: metricsOf(categories) } });
  expect(report([0, 0, 0])).toMatch(/dogs rocAuc +none: all are of one kind/);
  expect(report([0, 0, 0])).not.toContain('NaN');
  expect(report([0, 1, 0])).toMatch(/dogs rocAuc +0\.5000/);
});
