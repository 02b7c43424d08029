import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Experiment, Result } from '../../../training/reproduce/experiment.ts';
import { foldValues } from '../../../training/reproduce/folds.ts';
import { writeResult, writeTables } from '../../../training/reproduce/results.ts';
import { valuesOf } from '../../../training/reproduce/values.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clapper-results-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const result: Result = {
  schema: 'clapper-result/1',
  name: 'forest',
  title: 'Forest',
  published: '.443',
  protocol: '5 folds',
  difference: 'Other sounds.',
  seed: 3,
  values: valuesOf({ pairs: 1234, accuracy: 0.4321, accuracyLow: 0.4, accuracyHigh: 0.46 }),
  command: 'npx clapper reproduce forest',
  steps: [],
  seconds: 125,
  machine: '2 cores',
  commit: 'abc',
};
const experimentNamed = (name: string) => ({ name }) as Experiment;

test('what was measured stands in the tables in the order of the experiments, with its drawings; what was not is left out', async () => {
  const readme = join(folder, 'top.md');
  writeFileSync(readme, 'Before\n<!-- results -->\nold\n<!-- /results -->\nAfter\n');
  const out = join(folder, 'results');
  await writeResult(out, result);
  await writeResult(out, { ...result, name: 'svm', title: 'SVM', published: null, seconds: null });
  await writeResult(out, { ...result, name: 'steps', title: 'Steps' });
  mkdirSync(join(out, 'forest'));
  writeFileSync(join(out, 'forest', 'fold-1-loss.svg'), '<svg/>');
  await writeTables({ folder: out, readme }, [
    ...['svm', 'never run', 'forest'].map(experimentNamed),
    { ...experimentNamed('steps'), onlyInResults: true },
  ]);

  const short = '| SVM | – | .432 (.400–.460) |\n| Forest | .443 | .432 (.400–.460) |';
  expect(readFileSync(readme, 'utf8')).toBe(
    `Before\n<!-- results -->\n| | published | here |\n| --- | --- | --- |\n${short}\n<!-- /results -->\nAfter\n`,
  );
  const long = readFileSync(join(out, 'README.md'), 'utf8');
  expect(long.indexOf('## SVM')).toBeLessThan(long.indexOf('## Forest'));
  expect(long).toContain('## Steps');
  expect(long).toContain('| pairs | 1,234 |');
  expect(long).toContain('`npx clapper reproduce forest`, seed 3, 2 minutes on 2 cores, commit abc');
  expect(long).toContain('Drawn: [fold 1 loss](forest/fold-1-loss.svg)');
  expect(long).not.toContain('never run');
});

test('a README without the table stays as it is', async () => {
  const readme = join(folder, 'top.md');
  writeFileSync(readme, 'Nothing here.\n');
  await writeResult(folder, result);
  await writeTables({ folder, readme }, [experimentNamed('forest')]);
  expect(readFileSync(readme, 'utf8')).toBe('Nothing here.\n');
});

test('of a README that shows how the table is marked, no more than the table changes', async () => {
  const readme = join(folder, 'top.md');
  const after = 'After\n<!-- results -->\n<!-- /results -->\nLast\n';
  writeFileSync(readme, `<!-- results -->\nold\n<!-- /results -->\n${after}`);
  await writeResult(folder, result);
  await writeTables({ folder, readme }, [experimentNamed('forest')]);
  const text = readFileSync(readme, 'utf8');
  expect(text).toContain('| Forest |');
  expect(text.endsWith(`<!-- /results -->\n${after}`)).toBe(true);
});

test('the interval of a mean of folds is as that of a sum of independent shares', () => {
  const one = { accuracy: 0.5, accuracyLow: 0.4, accuracyHigh: 0.6 };
  const [mean, ...each] = foldValues([one, one, one, one]);
  expect(mean).toEqual({ name: 'accuracy', value: 0.5, low: expect.closeTo(0.45, 10), high: expect.closeTo(0.55, 10) });
  expect(each).toHaveLength(4);
});
