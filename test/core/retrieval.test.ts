import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { type RetrievalOptions, retrieve } from '#core/retrieval.ts';

const names = Array.from({ length: 12 }, (_, i) => `thing ${i}`);
const askers = names.flatMap((name) => [name, name]);
const answers = names.flatMap((name) => [name, name, name]);
const ask = (score: RetrievalOptions['score'], changes: Partial<RetrievalOptions> = {}) =>
  retrieve({ askers, answers, choices: 10, rounds: 60, seed: 0, score, ...changes });

test('retrieval is 1 for scores that know the category, and one in ten for those that do not', async () => {
  const knowing = await ask((pairs) =>
    Float32Array.from(pairs, ({ asker, answer }) => Number(askers[asker] === answers[answer])),
  );
  expect(knowing?.top1).toBe(1);
  const random = new Random(9);
  const guessing = await ask((pairs) => Float32Array.from(pairs, () => random.uniform()));
  expect(Math.abs((guessing?.top1 as number) - 0.1)).toBeLessThan(0.03);
  expect(await ask(() => new Float32Array(), { answers: names.slice(0, 9) })).toBeNull();
});

test('of each category it says how often its own questions are answered', async () => {
  const known = new Set(['thing 3', 'thing 7']);
  const partly = await ask((pairs) =>
    Float32Array.from(pairs, ({ asker, answer }) => {
      const category = askers[asker] as string;
      return Number(known.has(category) && category === answers[answer]);
    }),
  );
  expect(partly?.byCategory).toEqual(
    names.toSorted().map((category) => ({ category, top1: Number(known.has(category)) })),
  );
  expect(partly?.top1).toBeCloseTo(2 / 12, 10);
});
