import type { Experiment, Value } from '../experiment.ts';
import type { Tools, TrainedRun } from '../tools.ts';
import { plainValue, sets, valueFrom } from '../values.ts';
import { at44100Hz } from './datasets.ts';
import { joinedClips } from './joinedClips.ts';
import { l3Name, l3Network, l3Recipe, l3ShortSide } from './l3Settings.ts';
import { natureBranches } from './nature.ts';

const seed = 0;

export const realVideos: Experiment = {
  name: 'real-videos',
  title: 'AVC on real videos, L3-Net from pairs alone',
  published: 'report .64 (.77 on what it learnt from)',
  protocol:
    'frames and the second of sound around them, of 142 real clips, a quarter of them unseen (split by video); learnt from pairs alone, ' +
    `${l3Name(0.25)}, squares of 112 pixels, 800 steps of 32`,
  minutes: 6,
  seed,
  difference: 'The report learnt from 5,000 videos, this from about 70; so it knows its clips and little else.',
  async run(tools) {
    const learnt = await learnFromVideos(tools);
    const { run, metrics, trainingAccuracy } = learnt;
    const values = pairValues(metrics);
    if (trainingAccuracy !== null) values.push(plainValue('accuracy on what it learnt from', trainingAccuracy));
    return { values, histories: [{ name: 'match', run }] };
  },
};

export const realVideosOnNature: Experiment = {
  name: 'real-videos-on-nature',
  title: 'AVC on real videos, a head from pairs alone on the branches of `models/nature`',
  published: 'report .64 (.77 on what it learnt from)',
  protocol:
    'the same clips and pairs, five seconds of sound around a frame; the branches were taught 50 sounds and 28 kinds of photos by labels and stay as they are, ' +
    'the head learns from the clips which frames and sounds belong together, 150 steps of 32',
  minutes: 6,
  seed,
  difference: 'The branches know 28 of the kinds of things that clips show; most clips show others.',
  async run(tools) {
    const { sound, photo } = await natureBranches(tools);
    const data = await realClips(tools, { shortSide: 72 });
    const { run, metrics } = await tools.train('real-videos-on-nature', [
      ...['--preset', 'nature', '--data', data, ...at44100Hz],
      ...sets(`branches.audio=${sound.run}`, `branches.image=${photo.run}`, 'matchHead=hidden', 'learns=head'),
      ...sets('batchReuse=8', 'batchSize=32', 'steps=150', 'evalEvery=50', `seed=${seed}`),
    ]);
    return { values: pairValues(metrics), histories: [{ name: 'match', run }] };
  },
};

function pairValues(metrics: Record<string, number>): Value[] {
  return ['accuracy', 'pairs', 'precision', 'recall', 'f1', 'rocAuc'].map((name) => valueFrom(name, metrics, name));
}

/** The network that the pretrained rows begin with. */
export async function learnFromVideos(tools: Tools): Promise<TrainedRun> {
  const data = await realClips(tools, {});
  const { l3Width } = tools;
  return tools.train(`real-videos-${l3Width}`, [
    ...l3Recipe(l3Width, 800),
    ...['--data', data],
    ...sets(...l3Network(l3Width), 'hardNegatives.share=0', `seed=${seed}`),
  ]);
}

/** Both sets of clips, prepared. @param shortSide default L3-Net's. @param framesPerClip the middle ones; default all. The split is the same. */
export async function realClips(
  tools: Tools,
  { shortSide = l3ShortSide(tools.l3Width), framesPerClip }: { shortSide?: number; framesPerClip?: number },
): Promise<string> {
  const collection = await joinedClips(tools, { framesPerClip });
  const name = framesPerClip === undefined ? 'real-clips' : `real-clips-${framesPerClip}`;
  const split = ['--held-out', '25', '--sample-rate', '44100', '--short-side', `${shortSide}`, '--name', name];
  return tools.dataset(`${name}-${shortSide}`, ['av-clips', '--from', collection, ...split]);
}
