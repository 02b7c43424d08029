import { Random } from './random.ts';

export interface RetrievalOptions {
  /** Categories of the asking side, by row; a row may be of several. */
  askers: readonly string[][];
  /** Categories of the side that is searched, by row. */
  answers: readonly string[][];
  /** Rows to choose from, each of another category, one of them the asker's. */
  choices: number;
  /** How often each row asks. */
  rounds: number;
  seed: number;
  /** @returns the scores of some pairs of rows. */
  score(pairs: { asker: number; answer: number }[]): Float32Array | Promise<Float32Array>;
}

export interface Retrieval {
  /** Share of all questions whose answer scores highest. */
  top1: number;
  /** The same of the questions of each category. */
  byCategory: { category: string; top1: number }[];
}

/**
 * One sound and ten pictures of different categories, or the other way round: how often the one that belongs to it scores highest.
 *
 * @returns null where no row finds as many categories as there are choices.
 */
export async function retrieve(options: RetrievalOptions): Promise<Retrieval | null> {
  const { askers, answers, choices, rounds, seed, score } = options;
  const rowsOf = new Map<string, number[]>();
  for (const [row, own] of answers.entries()) {
    for (const category of own) {
      const rows = rowsOf.get(category);
      if (rows) rows.push(row);
      else rowsOf.set(category, [row]);
    }
  }
  const categories = [...rowsOf.keys()].sort();
  // A row of several categories is no wrong answer where one of them is the asker's.
  const wrongFor = (own: readonly string[]) =>
    new Map(
      categories.map((other) => [other, rowsOf.get(other)?.filter((row) => !shares(answers[row], own)) ?? []] as const),
    );
  const known = new Map<string, ReturnType<typeof wrongFor>>(); // many ask with the same categories
  const random = new Random(seed, 40);
  const questions = askers.flatMap((own, asker) => {
    const category = own.find((one) => rowsOf.has(one));
    if (category === undefined) return [];
    const key = JSON.stringify(own);
    const wrong = known.get(key) ?? wrongFor(own);
    known.set(key, wrong);
    const others = categories.filter((other) => wrong.get(other)?.length);
    if (others.length < choices - 1) return [];
    const right = rowsOf.get(category) as number[];
    return Array.from({ length: rounds }, () => {
      const chosen = random.shuffle([...others]).slice(0, choices - 1);
      const rows = [right, ...chosen.map((other) => wrong.get(other) as number[])];
      return { category, pairs: rows.map((some) => ({ asker, answer: random.pick(some) })) };
    });
  });
  if (questions.length === 0) return null;
  const scores = await score(questions.flatMap(({ pairs }) => pairs));
  const isRight = questions.map((_, q) => {
    const [first = 0, ...others] = scores.subarray(q * choices, (q + 1) * choices);
    return others.every((other) => other < first);
  });
  const shareOf = (chosen: number[]) => chosen.filter((q) => isRight[q]).length / chosen.length;
  const all = [...questions.keys()];
  const asked = categories.map((category) => ({
    category,
    own: all.filter((q) => questions[q]?.category === category),
  }));
  return {
    top1: shareOf(all),
    byCategory: asked.flatMap(({ category, own }) => (own.length > 0 ? { category, top1: shareOf(own) } : [])),
  };
}

function shares(categories: readonly string[] | undefined, own: readonly string[]): boolean {
  return categories?.some((category) => own.includes(category)) ?? false;
}

const choices = 10;
/** About: enough that their choice moves the share by less than half a percent. */
const answersAsked = 20_000;

export interface BothWaysOptions {
  /** Categories of the sounds, and of the pictures, by row. */
  sounds: string[][];
  pictures: string[][];
  score(pairs: { sound: number; picture: number }[]): Float32Array | Promise<Float32Array>;
}

/** Ten pictures to a sound, and ten sounds to a picture. */
export async function retrieveBothWays({ sounds, pictures, score }: BothWaysOptions): Promise<{
  picture: Retrieval | null;
  sound: Retrieval | null;
}> {
  const roundsOf = (askers: string[][]) => Math.ceil(answersAsked / choices / askers.length);
  const ask = { choices, seed: 0 };
  return {
    picture: await retrieve({
      ...ask,
      askers: sounds,
      answers: pictures,
      rounds: roundsOf(sounds),
      score: (pairs) => score(pairs.map(({ asker, answer }) => ({ sound: asker, picture: answer }))),
    }),
    sound: await retrieve({
      ...ask,
      askers: pictures,
      answers: sounds,
      rounds: roundsOf(pictures),
      score: (pairs) => score(pairs.map(({ asker, answer }) => ({ sound: answer, picture: asker }))),
    }),
  };
}
