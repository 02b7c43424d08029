import { Random } from '#core/random.ts';
import type { ClipEncoders } from '../../correspondence/canonical/encodeClips.ts';
import type { Tools } from '../tools.ts';
import { foldsOf, type JudgedFolds, judgeCanonicalFolds, type Part } from './canonicalFolds.ts';
import { datasetOfClips, encodeRealClips, encodeSplit } from './judgedClips.ts';

/** Prepared datasets. */
interface Folders {
  clips: string;
  categories: string;
}

const seed = 0;

/** Canonical heads on branches, learnt from real clips and from sounds × photos by category: by five folds, and one that learnt from what the test split leaves. */
export async function canonicalHeads(
  tools: Tools,
  encoders: ClipEncoders,
  { clips, categories }: Folders,
): Promise<Record<'folds' | 'quarter', () => JudgedFolds>> {
  const { output } = tools;
  const { learnt, test } = await encodeRealClips(encoders, clips, output);
  const options = {
    byCategory: await encodeSplit(encoders, { folder: categories, split: 'train', views: 1, output }),
    seed,
    groupOf: await datasetOfClips(tools),
    say: (line: string) => output.write(line),
  };
  const judge = (parts: Part[]) => judgeCanonicalFolds({ ...options, parts });
  return {
    folds: () => judge(foldsOf([...learnt, ...test], 5, new Random(seed, 50))),
    quarter: () => judge([{ learnt, held: test }]),
  };
}
