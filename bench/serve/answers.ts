/** What every server answers: the score of the whole, and of each window of the sound. */
export interface MatchAnswer {
  score: number;
  windows: { startSeconds: number; score: number }[];
}

/** Other resamplers and other ways to make a photo small change a score that is near a half by up to .04; another rule by .1 and more. */
const tolerance = 0.05;
/** Fewer bits change it by more. */
const variantTolerance = 0.2;

/**
 * Servers are compared only where they do the same work.
 *
 * @returns the largest difference between two scores, of the whole or of one window.
 * @throws {Error} where they heard other windows, or where a score is off by more than decoders differ.
 */
export function expectSameAnswers(
  answers: Record<string, MatchAnswer>,
  { isSameVariant = true }: { isSameVariant?: boolean } = {},
): number {
  const most = isSameVariant ? tolerance : variantTolerance;
  const [[first, expected], ...others] = Object.entries(answers) as [[string, MatchAnswer], ...[string, MatchAnswer][]];
  let largest = 0;
  for (const [name, answer] of others) {
    const starts = ({ windows }: MatchAnswer) => windows.map(({ startSeconds }) => startSeconds.toFixed(3)).join(' ');
    if (starts(answer) !== starts(expected)) {
      throw new Error(
        `Expected the same windows but ${first} heard those at ${starts(expected)} s and ${name} at ${starts(answer)} s.`,
      );
    }
    const scores = ({ score, windows }: MatchAnswer) => [score, ...windows.map((window) => window.score)];
    const differences = scores(answer).map((score, i) => Math.abs(score - (scores(expected)[i] as number)));
    largest = Math.max(largest, ...differences);
    if (!(largest <= most)) {
      throw new Error(
        `Expected scores within ${most} but ${name} answers ${JSON.stringify(answer)} and ${first} ${JSON.stringify(expected)}.`,
      );
    }
  }
  return largest;
}
