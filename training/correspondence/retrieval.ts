import { Random } from '#core/random.ts';

export interface RetrievalOptions {
  /** Of the asking side, by row. */
  askers: string[];
  /** Of the side that is searched, by row. */
  answers: string[];
  /** Rows to choose from, each of another category, one of them the asker's. */
  choices: number;
  /** How often each row asks. */
  rounds: number;
  seed: number;
  /** @returns the scores of some pairs of rows. */
  score(pairs: { asker: number; answer: number }[]): Float32Array;
}

/**
 * One sound and ten pictures of different categories, or the other way round: how often the one that belongs to it scores highest.
 *
 * @returns a share of all questions; null where there are fewer categories than choices.
 */
export function retrievalTop1({ askers, answers, choices, rounds, seed, score }: RetrievalOptions): number | null {
  const rowsOf = new Map<string, number[]>();
  for (const [row, category] of answers.entries()) rowsOf.set(category, [...(rowsOf.get(category) ?? []), row]);
  const categories = [...rowsOf.keys()].sort();
  const random = new Random(seed, 40);
  const questions = askers.flatMap((category, asker) => {
    if (!rowsOf.has(category)) return [];
    return Array.from({ length: rounds }, () => {
      const others = random.shuffle(categories.filter((other) => other !== category)).slice(0, choices - 1);
      return [category, ...others].map((one) => ({ asker, answer: random.pick(rowsOf.get(one) as number[]) }));
    });
  });
  if (categories.length < choices || questions.length === 0) return null;
  const scores = score(questions.flat());
  const right = questions.filter((question, q) => {
    const [first = 0, ...others] = scores.subarray(q * choices, q * choices + question.length);
    return others.every((other) => other < first);
  });
  return right.length / questions.length;
}
