import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { Split } from '#core/datasets/prepared.ts';
import { correspondenceMetrics } from '#core/metrics.ts';
import { Random } from '#core/random.ts';
import { openPreparedSplit } from '#node/datasets/preparedSplit.ts';
import { type EncodedClip, encodeClips } from '../../correspondence/canonical/encodeClips.ts';
import { networkFrom } from '../../model/network.ts';
import { openCheckpoint } from '../../run/openCheckpoint.ts';
import type { Experiment, Value } from '../experiment.ts';
import type { Tools } from '../tools.ts';
import { sets, valueFrom } from '../values.ts';
import { type Extent, extents, foldsOf, type JudgedFolds, judgeCanonicalFolds, type Part } from './canonicalFolds.ts';
import { at44100Hz } from './datasets.ts';
import { joinedClips } from './joinedClips.ts';
import { natureBranches } from './nature.ts';
import { realClips } from './realVideos.ts';

const seed = 0;
/** Of a frame. */
const squares = 6;

const heardAndSeen: Record<Extent, string> = {
  moment: 'a frame and five seconds around it',
  sound: 'a frame and its clip’s whole sound',
  clip: 'all frames and the whole sound',
};

export const realVideosOnNature: Experiment = {
  name: 'real-videos-on-nature',
  title: 'AVC on real videos, a head from pairs on the branches of `models/nature`',
  published: 'report .64 (.77 on what it learnt from)',
  protocol:
    'the same 142 clips, each judged once by a head that learnt from the others (5 folds by video): every frame with the five seconds around it, and with those ' +
    'around a frame of another clip. The branches were taught 50 sounds and 28 kinds of photos by labels and stay as they are; the head is the canonical correlations of ' +
    `what they give for the clips learnt from and, for a share of 0, ¼ or ½, for sounds × photos by category. Of a frame that is the mean over ${squares} squares, which ` +
    'chance places and mirrors. Share, ridge (3, 10 or 30), threshold, and whether the numbers count or their roots, are chosen among the clips learnt from. Of a whole sound, the cosines of its windows, one every second, are averaged; of all frames too. Within a dataset: the other clip is from the ' +
    'same one (VGGSound, AudioSet …), so that nothing helps which only tells datasets apart. The fixed quarter is that of the row above; the hidden ' +
    'layer learnt from half of the clips and is judged by their fixed pairs',
  minutes: 12,
  seed,
  difference:
    'The report learnt from 5,000 videos, this from about 114. The branches know 28 of the kinds of things that clips show; most clips show others. Sketches on these clips, by ' +
    'five folds in four partitions with the choices inside, led to roots and squares: ROC AUC .649 without, .658 with roots, .668 with both, .674 with a histogram of the ' +
    'frame’s colours as well, which was left out. So they favour the figure a little. With fixed choices a likelihood ratio in place of the cosine gave .026 less; scores normalised by other clips, ' +
    'more weight on what varies within a clip, edges, larger pictures, random features, averages of many heads and the 68 pairs of Tux Paint gave at most .004 more; ' +
    'earlier layers less than .015, 71 clips to learn from in place of 114 .008 less.',
  async run(tools) {
    const { sound, photo, pairs } = await natureBranches(tools);
    const data = await realClips(tools, { shortSide: 72 });
    const { run, metrics } = await tools.train('real-videos-on-nature', [
      ...['--preset', 'nature', '--data', data, ...at44100Hz],
      ...sets(`branches.audio=${sound.run}`, `branches.image=${photo.run}`, 'matchHead=hidden', 'learns=head'),
      ...sets('batchReuse=8', 'batchSize=32', 'steps=150', 'evalEvery=50', `seed=${seed}`),
    ]);
    const { folds, quarter } = await judgeHeads(tools, { run, clips: data, categories: pairs });
    const hidden = (metric: string) =>
      valueFrom(`a fixed quarter, a hidden layer by gradient: ${metric}`, metrics, metric);
    return {
      values: [
        ...valuesOf(folds),
        ...valuesOf(quarter).map((value) => ({ ...value, name: `a fixed quarter: ${value.name}` })),
        ...['accuracy', 'rocAuc'].map(hidden),
      ],
      histories: [{ name: 'match', run }],
    };
  },
};

function valuesOf({ all, inGroups }: JudgedFolds): Value[] {
  return extents.flatMap((extent) => {
    const [found, within] = [correspondenceMetrics(all[extent]), correspondenceMetrics(inGroups[extent])];
    const ofMoment = ['pairs', 'precision', 'recall', 'calibrationError'];
    const own = (metric: string) => (extent === 'moment' ? metric : `${metric}, ${heardAndSeen[extent]}`);
    return [
      ...['accuracy', 'rocAuc'].map((metric) => valueFrom(own(metric), found, metric)),
      ...(extent === 'moment' ? ofMoment.map((metric) => valueFrom(metric, found, metric)) : []),
      valueFrom(own('accuracy within a dataset'), within),
    ];
  });
}

interface Folders {
  /** A run, whose branches encode. */
  run: string;
  /** Prepared datasets. */
  clips: string;
  categories: string;
}

/** By five folds, and of one head, that learnt from what the test split leaves. */
async function judgeHeads(tools: Tools, { run, clips, categories }: Folders) {
  const { state, models } = await openCheckpoint(run);
  const network = networkFrom(state.config.model, models);
  const encode = async (folder: string, split: Split, views: number) => {
    const { shards, lines } = await openPreparedSplit(folder, split);
    return encodeClips(network, lines, { shards, workers: 1, ahead: 2, output: tools.output, views });
  };
  const [train, validation, test] = [
    await encode(clips, 'train', squares),
    await encode(clips, 'validation', squares),
    await encode(clips, 'test', squares),
  ];
  const learnt = [...train, ...validation];
  const datasetOf = await datasetsOfSources(tools);
  const options = {
    byCategory: await encode(categories, 'train', 1),
    seed,
    groupOf: ({ clip }: EncodedClip) => datasetOf.get(clip.source) ?? clip.source,
    say: (line: string) => tools.output.write(line),
  };
  const judge = (parts: Part[]) => judgeCanonicalFolds({ ...options, parts });
  return {
    folds: judge(foldsOf([...learnt, ...test], 5, new Random(seed, 50))),
    quarter: judge([{ learnt, held: test }]),
  };
}

/** What each clip was taken from, by the source that the prepared dataset names. */
async function datasetsOfSources(tools: Tools): Promise<Map<string, string>> {
  const table = await readFile(join(await joinedClips(tools, {}), 'clips.csv'), 'utf8');
  const rows = parse(table, { columns: true }) as { id: string; youtube_id: string; dataset: string }[];
  return new Map(rows.flatMap(({ id, youtube_id, dataset }) => [id, youtube_id].map((name) => [name, dataset])));
}
