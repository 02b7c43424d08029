import type { Experiment, Value } from '../experiment.ts';
import type { Tools, TrainedRun } from '../tools.ts';
import { plainValue, sets, valueFrom } from '../values.ts';
import { joinedClips } from './joinedClips.ts';
import { l3Name, l3Network, l3Recipe, l3ShortSide } from './l3Settings.ts';

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
    const values: Value[] = [
      valueFrom('accuracy', metrics),
      valueFrom('pairs', metrics, 'pairs'),
      valueFrom('precision', metrics, 'precision'),
      valueFrom('recall', metrics, 'recall'),
      valueFrom('f1', metrics, 'f1'),
      valueFrom('rocAuc', metrics, 'rocAuc'),
    ];
    if (trainingAccuracy !== null) values.push(plainValue('accuracy on what it learnt from', trainingAccuracy));
    return { values, histories: [{ name: 'match', run }] };
  },
};

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

/** Both sets of clips, prepared. @param framesPerClip the middle ones; default all. The split is the same. */
export async function realClips(tools: Tools, { framesPerClip }: { framesPerClip?: number }): Promise<string> {
  const collection = await joinedClips(tools, { framesPerClip });
  const name = framesPerClip === undefined ? 'real-clips' : `real-clips-${framesPerClip}`;
  const side = l3ShortSide(tools.l3Width);
  const split = ['--held-out', '25', '--sample-rate', '44100', '--short-side', `${side}`, '--name', name];
  return tools.dataset(`${name}-${side}`, ['av-clips', '--from', collection, ...split]);
}
