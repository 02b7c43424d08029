import type { JudgedPair } from '#core/metrics.ts';
import type { Retrieval } from '#core/retrieval.ts';
import type { AgainstCategory } from './against.ts';
import type { Classified } from './judge.ts';
import type { TestSet } from './testSet.ts';

/** All that an evaluation is made of. */
export interface Judged {
  test: TestSet;
  /** null: the bundle or the dataset has no pairs. */
  pairs: JudgedPair[] | null;
  /** null: not by category, or of too few. */
  retrieval: { picture: Retrieval | null; sound: Retrieval | null };
  classified: Record<string, Classified>;
  /** null: not asked for. */
  against: AgainstCategory | null;
}
