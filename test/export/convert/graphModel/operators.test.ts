import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { operatorConverters } from '../../../../export/convert/graphModel/operators/index.ts';
import { families } from './cases/index.ts';
import { compare, graphOf } from './parity.ts';

for (const [family, cases] of Object.entries(families)) {
  describe(`${family} give in ONNX Runtime what they give in TensorFlow.js`, () => {
    for (const [name, one] of Object.entries(cases)) {
      test(name, async () => {
        const free = one.inputs.some(({ shape }) => shape[0] === null);
        for (const batch of free ? [1, 3] : [1]) {
          const { difference, operators } = await compare(one, batch);
          expect(difference, `batch ${batch}`).toBeLessThanOrEqual(one.tolerance ?? 1e-5);
          if (one.operators) expect(operators).toEqual(one.operators);
          if (one.transposes !== undefined)
            expect(operators.filter((operator) => operator === 'Transpose')).toHaveLength(one.transposes);
        }
      });
    }
  });
}

test('every operator that is converted is among them', () => {
  const cases = Object.values(families).flatMap((family) => Object.values(family));
  const used = new Set(cases.flatMap((one) => graphOf(one).nodes.map(({ op }) => op)));
  expect(Object.keys(operatorConverters).filter((operator) => !used.has(operator))).toEqual([]);
});

test('docs/export.md lists every operator that is converted, and no other', async () => {
  const text = await readFile(new URL('../../../../docs/export.md', import.meta.url), 'utf8');
  const section = text.split('## Operators of graph models')[1]?.split('\n\nWhole numbers')[0] as string;
  const listed = [...section.matchAll(/^\| (?!family|---)[^|]+\| (.*) \|$/gm)].flatMap(
    ([, row]) => row?.match(/\b_?[A-Z]\w+\b/g) ?? [],
  );
  expect([...new Set(listed)].sort()).toEqual(Object.keys(operatorConverters).sort());
});
