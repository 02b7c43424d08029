import type { Experiment } from '../experiment.ts';
import type { Tools, TrainedRun } from '../tools.ts';
import { sets, valuesOf } from '../values.ts';
import { at44100Hz } from './datasets.ts';
import { natureFolds, naturePhotos, natureSounds } from './natureData.ts';

const protocol =
  'sounds of ESC-50 and other sources × photos, 28 categories, joined by category; fold 5 of all of them unheard and unseen, a fifth of ' +
  'fold 4 calibrates';
const seed = 0;

export const natureLabels: Experiment = {
  name: 'nature-labels',
  title: 'AVC by class, branches first taught by labels (`models/nature`)',
  published: 'report .64 (real videos)',
  protocol,
  minutes: 75,
  seed,
  difference:
    'Other data: photos and sounds of the same category, not of one video. The run of the sounds was cut from 100 to 75 epochs at step 672, so a run from the start will differ a little.',
  async run(tools) {
    const { sound, photo, pairs } = await natureBranches(tools);
    const { run, metrics } = await tools.train('nature-labels', [
      ...['--preset', 'nature', '--data', pairs, ...at44100Hz],
      ...sets(`branches.audio=${sound.run}`, `branches.image=${photo.run}`, 'matchHead=topics', 'learns=scale'),
      ...sets('batchReuse=8', 'steps=40'),
    ]);
    const histories = [
      { name: 'sound', run: sound.run },
      { name: 'photo', run: photo.run },
      { name: 'match', run },
    ];
    return { values: valuesOf(metrics), histories };
  },
};

export const naturePairs: Experiment = {
  name: 'nature-pairs',
  title: 'AVC by class, from pairs alone',
  published: 'report .64 (real videos)',
  protocol: `${protocol}; which sound goes with which photo is all that is told; half the bands of sound of \`models/nature\``,
  minutes: 30,
  seed,
  difference: 'Other data: photos and sounds of the same category, not of one video.',
  async run(tools) {
    const { pairs } = await natureDatasets(tools);
    const { run, metrics } = await tools.train('nature-pairs', [
      ...['--preset', 'nature', '--data', pairs, ...at44100Hz],
      ...sets('melBands=64', 'plainEnd=0.1', 'steps=1800', 'evalEvery=600'),
    ]);
    return { values: valuesOf(metrics), histories: [{ name: 'match', run }] };
  },
};

/** Branches that were taught by labels: of 50 sounds, of 28 kinds of photos. */
export async function natureBranches(tools: Tools): Promise<{ sound: TrainedRun; photo: TrainedRun; pairs: string }> {
  const { sounds, pairs } = await natureDatasets(tools);
  const folds = [`testFold=${natureFolds.test}`, `validationFold=${natureFolds.calibration}`];
  const sound = await tools.train('nature-sound', [
    ...['--preset', 'strong', '--from', 'random', '--data', sounds, ...at44100Hz],
    ...sets(...folds, 'epochs=75', 'gain=0.8', 'name=sound', 'channels=[32,64,128,256]', 'evalEvery=4000'),
  ]);
  const photo = await tools.train('nature-photo', [
    ...['--preset', 'photos', '--from', 'random', '--data', pairs],
    ...sets(...folds, 'name=photo', 'evalEvery=4000'),
  ]);
  return { sound, photo, pairs };
}

/** The sounds of all 50 categories, to teach; sounds and photos of the 28 that have both. */
export async function natureDatasets(tools: Tools): Promise<{ sounds: string; pairs: string }> {
  const [soundCollection, photoCollection] = [await natureSounds(tools), await naturePhotos(tools)];
  const rate = ['--sample-rate', '44100'];
  return {
    sounds: await tools.dataset('nature_sounds', [
      'esc50',
      '--from',
      soundCollection,
      ...rate,
      '--name',
      'nature-sounds',
    ]),
    pairs: await tools.dataset('nature', [
      ...['by-class', '--from', soundCollection, photoCollection, ...rate, '--short-side', '72', '--name', 'nature'],
    ]),
  };
}
