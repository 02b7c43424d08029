import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { drawHistory } from '../../../training/run/history.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clapper-history-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Logged {
  step: number;
  split?: string;
  loss?: number;
  accuracy: number;
}

async function draw(lines: Logged[], chosen: { step: number; accuracy: number } | null = null) {
  writeFileSync(join(folder, 'metrics.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await drawHistory(folder, chosen);
}

/** The text of a chart, read as a person does: positions of ticks, and of each line's points. */
function read(name: string) {
  const svg = readFileSync(join(folder, name), 'utf8');
  const group = (name: string) => new RegExp(`<g class="${name}">(.*?)</g>`, 's').exec(svg)?.[1] ?? '';
  const ticks = (text: string) =>
    [...text.matchAll(/x="([\d.]+)" y="([\d.]+)">([\d.,]+)</g)].map(([, x, y, label]) => ({
      x: Number(x),
      y: Number(y),
      value: Number((label as string).replaceAll(',', '')),
    }));
  const [across, up] = [ticks(group('ticks')), ticks(group('left ticks'))];
  const lines = [0, 1].map((i) => {
    const drawn = svg.slice(svg.lastIndexOf(`<g class="line${i}">`));
    const points = /points="([^"]*)"/.exec(drawn)?.[1] ?? '';
    return points.split(' ').map((point) => point.split(',').map(Number) as [number, number]);
  });
  return { svg, across, up, lines };
}

/** What stands at a position between the first and the last tick. */
function valueAt(ticks: { at: number; value: number }[], position: number, scale: 'linear' | 'log'): number {
  const [first, last] = [ticks[0], ticks.at(-1)] as [(typeof ticks)[0], (typeof ticks)[0]];
  const share = (position - first.at) / (last.at - first.at);
  if (scale === 'log') return first.value * (last.value / first.value) ** share;
  return first.value + share * (last.value - first.value);
}

test('each logged value stands at its place between the ticks', async () => {
  const train = [100, 200, 300, 400].map((step) => ({ step, loss: 0.7 - step / 1000, accuracy: 0.5 + step / 1000 }));
  const validation = [200, 400].map((step) => ({ step, split: 'validation', loss: 0.65, accuracy: 0.5 + step / 2000 }));
  await draw([...train, ...validation]);
  for (const metric of ['loss', 'accuracy'] as const) {
    const { across, up, lines } = read(`${metric}.svg`);
    const placed = (line: [number, number][]) =>
      line.map(([x, y]) => ({
        step: valueAt(
          across.map((tick) => ({ at: tick.x, value: tick.value })),
          x,
          'linear',
        ),
        value: valueAt(
          up.map((tick) => ({ at: tick.y - 4, value: tick.value })),
          y,
          'linear',
        ),
      }));
    for (const [i, logged] of [train, validation].entries()) {
      const shown = placed(lines[i] as [number, number][]);
      expect(shown.map(({ step }) => Math.round(step / 5) * 5)).toEqual(logged.map(({ step }) => step));
      for (const [j, { value }] of shown.entries()) expect(value).toBeCloseTo(logged[j]?.[metric] as number, 2);
    }
  }
});

test('a loss over orders of magnitude is drawn on a logarithmic axis', async () => {
  const logged = [15, 3.9, 1, 0.1, 0.02].map((loss, i) => ({ step: 20 * (i + 1), loss, accuracy: i / 5 }));
  await draw(logged);
  const { up, lines } = read('loss.svg');
  const ticks = up.map((tick) => ({ at: tick.y - 4, value: tick.value }));
  const shown = (lines[0] as [number, number][]).map(([, y]) => valueAt(ticks, y, 'log'));
  for (const [i, value] of shown.entries()) expect(value / (logged[i]?.loss as number)).toBeCloseTo(1, 1);
});

test('the chosen step is marked and named', async () => {
  const logged = [100, 200].map((step) => ({ step, loss: 0.5, accuracy: 0.8 }));
  await draw([...logged, { step: 100, split: 'validation', accuracy: 0.9 }], { step: 100, accuracy: 0.9 });
  for (const name of ['loss.svg', 'accuracy.svg']) {
    expect(read(name).svg).toContain('chosen: step 100, validation accuracy 0.900');
  }
});

test('long runs and very short ones give pictures that render', async () => {
  await draw(Array.from({ length: 20_000 }, (_, i) => ({ step: i + 1, loss: 1 / (i + 1), accuracy: i / 20_000 })));
  expect((await sharp(join(folder, 'loss.svg')).png().toBuffer()).length).toBeGreaterThan(5000);
  await draw([{ step: 1, loss: 0.7, accuracy: 1 }]);
  expect((await sharp(join(folder, 'accuracy.svg')).png().toBuffer()).length).toBeGreaterThan(1000);
});

test('a run that logged no loss has no picture of it', async () => {
  await draw([{ step: 8, split: 'validation', accuracy: 0.5 }]);
  expect([existsSync(join(folder, 'loss.svg')), existsSync(join(folder, 'accuracy.svg'))]).toEqual([false, true]);
});
