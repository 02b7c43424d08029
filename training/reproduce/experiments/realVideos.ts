import type { Experiment, Value } from '../experiment.ts';
import type { Tools, TrainedRun } from '../tools.ts';
import { plainValue, sets, valueFrom } from '../values.ts';
import { joinedClips } from './joinedClips.ts';
import { type L3Size, l3Name, l3Named, l3Network, l3Recipe, l3Row, l3ShortSide, l3Squares } from './l3Settings.ts';

const seed = 0;

export function realVideos(size: L3Size): Experiment {
  const row = l3Row('real-videos', size, { title: 'AVC on real videos, L3-Net from pairs alone', minutes: [6, 30] });
  return {
    ...{ ...row, seed },
    published: 'report .64 (.77 on what it learnt from)',
    protocol:
      'frames and the second of sound around them, of 142 real clips, a quarter of them unseen (split by video); learnt from pairs alone, ' +
      `${l3Name(size)}, ${l3Squares(size)}, ${{ quarter: '800 steps of 32', whole: 'preset `l3`' }[size]}`,
    difference: 'The report learnt from 5,000 videos, this from about 70; so it knows its clips and little else.',
    async run(tools) {
      const { run, metrics, trainingAccuracy } = await learnFromVideos(tools, size);
      const values = pairValues(metrics);
      if (trainingAccuracy !== null) values.push(plainValue('accuracy on what it learnt from', trainingAccuracy));
      return { values, histories: [{ name: 'match', run }] };
    },
  };
}

export function pairValues(metrics: Record<string, number>): Value[] {
  return ['accuracy', 'pairs', 'precision', 'recall', 'f1', 'rocAuc'].map((name) => valueFrom(name, metrics, name));
}

/** The network that the pretrained rows begin with. */
export async function learnFromVideos(tools: Tools, size: L3Size): Promise<TrainedRun> {
  const data = await realClips(tools, { shortSide: l3ShortSide(size) });
  return tools.train(l3Named('real-videos', size), [
    ...l3Recipe(size, 800),
    ...['--data', data],
    ...sets(...l3Network(size), 'hardNegatives.share=0', `seed=${seed}`),
  ]);
}

/** Both sets of clips, prepared. @param framesPerClip the middle ones; default all. The split is the same. */
export async function realClips(
  tools: Tools,
  { shortSide, framesPerClip }: { shortSide: number; framesPerClip?: number },
): Promise<string> {
  const collection = await joinedClips(tools, { framesPerClip });
  const name = framesPerClip === undefined ? 'real-clips' : `real-clips-${framesPerClip}`;
  const split = ['--held-out', '25', '--sample-rate', '44100', '--short-side', `${shortSide}`, '--name', name];
  return tools.dataset(`${name}-${shortSide}`, ['av-clips', '--from', collection, ...split]);
}
