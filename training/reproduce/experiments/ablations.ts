import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../experiment.ts';
import type { Tools } from '../tools.ts';
import { sets, valueFrom } from '../values.ts';
import { pairsByCategory } from './nature.ts';
import { realClips } from './realVideos.ts';

const seed = 0;
const shortSide = 128;

/** A network that learns in minutes: a second of sound, a square of 64 pixels, a quarter of L3-Net's channels. */
const network = [
  'sampleRate=44100',
  'windowLength=882',
  'hopLength=441',
  'nFft=1024',
  'pictureSize=64',
  'pictureShortSide=72',
];
const short = ['steps=500', 'evalEvery=250', 'saveEvery=100', 'choose=last', 'imageStemStride=1', `seed=${seed}`];

const byCategory = {
  'mel bands, stem stride 2, matched with all others of the batch, alignment loss 1': [],
  'linear spectrogram': ['frontend=linear'],
  'stem stride 1': ['network.stemStride=1'],
  'matched with one other': ['matchesPerClip=1'],
  'alignment loss 0': ['alignment.weight=0'],
};

const ofVideos = {
  'real videos, all frames': [],
  'real videos, four moments of a clip in a batch': ['momentsPerClip=4'],
  'real videos, two moments of a clip, a quarter of what does not match of another time of the same video': [
    'momentsPerClip=2',
    'hardNegatives.share=0.25',
  ],
};

export const ablations: Experiment = {
  name: 'ablations',
  title: 'What makes AVC better: one setting changed at a time',
  published: null,
  protocol:
    'test accuracy of pairs after 500 steps of 32 of preset `small` on 64 pixels; by category: sounds × photos of 28 categories, fold 5; real videos: ' +
    '142 clips, a quarter of them unseen; one run each, so differences of less than the intervals are chance as likely as not',
  minutes: 25,
  seed,
  difference: null,
  onlyInResults: true,
  async run(tools) {
    const pairs = await pairsByCategory(tools);
    const clips = await realClips(tools, { shortSide });
    const values = [];
    for (const [name, changes] of Object.entries(byCategory)) {
      values.push(valueFrom(name, (await learn(tools, { data: pairs, changes })).metrics));
    }
    for (const [name, changes] of Object.entries(ofVideos)) {
      values.push(valueFrom(name, (await learn(tools, { data: clips, changes })).metrics));
    }
    values.push(valueFrom('real videos, one frame of each to learn from', await fromOneFrame(tools, clips)));
    return { values };
  },
};

/** Judged on all frames, as the others are. */
async function fromOneFrame(tools: Tools, clips: string): Promise<Record<string, number>> {
  const data = await realClips(tools, { shortSide, framesPerClip: 1 });
  const { run } = await learn(tools, { data, changes: [] });
  const bundle = join(run, 'bundle');
  if (!existsSync(join(bundle, 'manifest.json'))) await tools.ask(['export', '--checkpoint', run, '--out', bundle]);
  return (await tools.ask(['evaluate', '--bundle', bundle, '--dataset', clips])) as Record<string, number>;
}

function learn(tools: Tools, { data, changes }: { data: string; changes: string[] }) {
  const name = ['ablation', data.split('/').at(-1), ...changes].join('-').replaceAll(/[^\w-]/g, '-');
  return tools.train(name, ['--preset', 'small', '--data', data, ...sets(...network, ...short, ...changes)]);
}
