import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Line, lineChart, type Point } from '#node/charts/lineChart.ts';
import type { MetricsLine } from './runFolder.ts';

const charts = [
  { metric: 'loss', title: 'Loss', top: null },
  { metric: 'accuracy', title: 'Accuracy', top: 1 },
] as const;

/**
 * Draws `loss.svg` and `accuracy.svg` beside the `metrics.jsonl` that they show.
 *
 * @param chosen the step whose weights the run ends with, where it chose one.
 */
export async function drawHistory(runDir: string, chosen: { step: number; accuracy: number } | null): Promise<void> {
  const text = await readFile(join(runDir, 'metrics.jsonl'), 'utf8');
  const logged = text.split('\n').filter(Boolean);
  const lines = logged.map((line): MetricsLine => JSON.parse(line));
  const mark = chosen && {
    step: chosen.step,
    text: `chosen: step ${chosen.step.toLocaleString('en-US')}, validation accuracy ${chosen.accuracy.toFixed(3)}`,
  };
  for (const { metric, title, top } of charts) {
    const drawn = history(lines, metric);
    if (drawn.length === 0) continue; // a run shorter than `logEvery`
    await writeFile(join(runDir, `${metric}.svg`), lineChart({ title, lines: drawn, mark, top }));
  }
}

/** Training's line, and validation's where there is one. */
function history(lines: MetricsLine[], metric: string): Line[] {
  const pointsOf = (split: string | undefined) =>
    lines
      .filter((line) => line.split === split && typeof line[metric] === 'number')
      .map((line): Point => [line.step, line[metric] as number]);
  const [train, validation] = [pointsOf(undefined), pointsOf('validation')];
  return [
    { name: 'training', points: train },
    { name: 'validation', points: validation },
  ].filter(({ points }) => points.length > 0);
}
