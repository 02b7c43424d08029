import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { type RetrievalOptions, retrieve } from '#core/retrieval.ts';

const names = Array.from({ length: 12 }, (_, i) => `thing ${i}`);
const askers = names.flatMap((name) => [[name], [name]]);
const answers = names.flatMap((name) => [[name], [name], [name]]);
/** Whether they share a category. */
const belong = (asker: string[] | undefined, answer: string[] | undefined) =>
  Number(asker?.some((category) => answer?.includes(category)));
const ask = (score: RetrievalOptions['score'], changes: Partial<RetrievalOptions> = {}) =>
  retrieve({ askers, answers, choices: 10, rounds: 60, seed: 0, score, ...changes });

test('retrieval is 1 for scores that know the category, and one in ten for those that do not', async () => {
  const knowing = await ask((pairs) =>
    Float32Array.from(pairs, ({ asker, answer }) => belong(askers[asker], answers[answer])),
  );
  expect(knowing?.top1).toBe(1);
  const random = new Random(9);
  const guessing = await ask((pairs) => Float32Array.from(pairs, () => random.uniform()));
  expect(Math.abs((guessing?.top1 as number) - 0.1)).toBeLessThan(0.03);
  expect(await ask(() => new Float32Array(), { answers: answers.slice(0, 27) })).toBeNull();
});

test('what belongs to the asker by another of its categories is no wrong answer', async () => {
  // Every second thing also counts as the next one.
  const both = (name: string, i: number) => (i % 2 ? [name] : [name, names[i + 1] as string]);
  const [heard, seen] = [names.map(both), names.flatMap((name, i) => [both(name, i), both(name, i)])];
  for (const [asking, searched] of [
    [heard, answers],
    [askers, seen],
    [heard, seen],
  ] as const) {
    const knowing = await retrieve({
      ...{ askers: asking, answers: searched, choices: 9, rounds: 40, seed: 0 },
      score: (pairs) => Float32Array.from(pairs, ({ asker, answer }) => belong(asking[asker], searched[answer])),
    });
    expect(knowing?.top1).toBe(1);
  }
});

test('of each category it says how often its own questions are answered', async () => {
  const known = new Set(['thing 3', 'thing 7']);
  const partly = await ask((pairs) =>
    Float32Array.from(pairs, ({ asker, answer }) => {
      const isKnown = known.has(askers[asker]?.[0] as string);
      return isKnown ? belong(askers[asker], answers[answer]) : 0;
    }),
  );
  expect(partly?.byCategory).toEqual(
    names.toSorted().map((category) => ({ category, top1: Number(known.has(category)) })),
  );
  expect(partly?.top1).toBeCloseTo(2 / 12, 10);
});

test('askers of the same categories are compared with the answers once, so the work grows with their number, not its square', async () => {
  let compared = 0;
  const counting = (category: string) =>
    Object.assign([category], {
      includes(wanted: string) {
        compared++;
        return category === wanted;
      },
    });
  const rows = Array.from({ length: 2000 }, (_, i) => `c${i % 20}`);
  const asked = {
    askers: rows.map(counting),
    answers: rows.map((category) => [category]),
    choices: 10,
    rounds: 1,
    seed: 0,
  };
  await retrieve({ ...asked, score: (pairs) => new Float32Array(pairs.length) });
  expect(compared).toBe(20 * 2000);
});
