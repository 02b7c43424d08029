import type { CheckpointState } from '#core/checkpoint.ts';
import { shareInterval } from '#core/metrics.ts';

/** @returns a markdown table of whatever the trainer measured on the test split: name, value, and what it means. */
export function metricRows({ metrics, classifiers }: Pick<CheckpointState, 'metrics' | 'classifiers'>): string {
  const values = new Map(Object.entries(metrics).map(([name, value]) => [words(name), value]));
  if (values.size === 0) return 'Nothing yet: metrics are measured when training finishes.';

  const meaning = (name: string, value: number) => {
    const classifier = classifiers.find((other) => name === `${words(other.name)} accuracy`);
    if (classifier) {
      const guessing = format(1 / classifier.labels.length);
      return `share of items that the classifier \`${classifier.name}\` names right; guessing gives ${guessing}`;
    }
    if (name.endsWith('accuracy')) {
      const pairs = values.get(name.replace(/accuracy$/, 'pairs'));
      const interval = pairs ? ` (95 % interval ${shareInterval(value, pairs).map(format).join('–')})` : '';
      return `share judged right, the threshold being 0.5${interval}; guessing gives 0.5`;
    }
    if (name.endsWith('roc auc'))
      return 'chance that a matching pair scores above a mismatched one; guessing gives 0.5';
    if (name.endsWith('pairs')) return 'fixed pairs that training never saw';
    return '';
  };
  const rows = [...values].map(([name, value]) => `| ${name} | ${format(value)} | ${meaning(name, value)} |`);
  return ['| on the test split | | |', '| --- | --- | --- |', ...rows].join('\n');
}

function format(value: number): string {
  return Number.isInteger(value) && value > 1 ? value.toLocaleString('en-US') : String(Number(value.toFixed(4)));
}

/** `testRocAuc` and `test-roc-auc` → `test roc auc`. */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll(/[-_]/g, ' ');
}
