import type { CheckpointState } from '#core/checkpoint.ts';
import { confidenceInterval } from '#core/metrics.ts';

/** @returns a markdown table of whatever the trainer measured: name, value, and what it means. */
export function metricRows({ metrics, classifiers }: CheckpointState): string {
  const names = Object.keys(metrics);
  if (names.length === 0) return 'Nothing yet: metrics are measured when training finishes.';
  const rows = names.map((name) => {
    const value = metrics[name] as number;
    return `| ${words(name)} | ${format(value)} | ${meaning(name, { metrics, classifiers })} |`;
  });
  return ['| on the test split | value | |', '| --- | --- | --- |', ...rows].join('\n');
}

function meaning(name: string, { metrics, classifiers }: Pick<CheckpointState, 'metrics' | 'classifiers'>): string {
  const classifier = classifiers.find((other) => name === `${camelCase(other.name)}Accuracy`);
  if (classifier) {
    const guessing = format(1 / classifier.labels.length);
    return `share of items that the classifier \`${classifier.name}\` names right; guessing gives ${guessing}`;
  }
  if (name.endsWith('Accuracy')) {
    const pairs = metrics[name.replace(/Accuracy$/, 'Pairs')];
    const interval = pairs ? `; 95 % interval ${confidenceInterval(metrics[name] as number, pairs).map(format).join('–')}` : '';
    return `share of pairs on the right side of 0.5${interval}; guessing gives 0.5`;
  }
  if (name.endsWith('RocAuc')) return 'chance that a matching pair scores above a mismatched one; guessing gives 0.5';
  if (name.endsWith('Pairs')) return 'fixed pairs of recordings and images that training never saw';
  return '';
}

function format(value: number): string {
  return Number.isInteger(value) && value > 1 ? value.toLocaleString('en-US') : value.toFixed(3);
}

/** `testRocAuc` → `test roc auc`. */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** `spoken-digit` → `spokenDigit`. */
function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
