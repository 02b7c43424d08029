import type { Experiment } from '../experiment.ts';
import type { Tools, TrainedRun } from '../tools.ts';
import { sets, valuesOf } from '../values.ts';
import { at44100Hz } from './datasets.ts';
import { natureFolds, naturePhotos, natureSounds, preparePhotos } from './natureData.ts';

const protocol =
  'sounds of ESC-50 and other sources × photos, 28 categories, joined by category; fold 5 of all of them unheard and unseen, a fifth of ' +
  'fold 4 calibrates';
const seed = 0;

export const natureLabels: Experiment = {
  name: 'nature-labels',
  title: 'AVC by class, branches first taught by labels, from scratch',
  published: 'report .64 (real videos)',
  protocol,
  minutes: 75,
  seed,
  difference:
    'Other data: photos and sounds of the same category, not of one video. The run of the sounds was cut from 100 to 75 epochs at step 672, so a run from the start will differ a little.',
  async run(tools) {
    const { sound, photo, pairs } = await natureBranches(tools);
    const { run, metrics } = await matchBranches(tools, { name: 'nature-labels', sound, photo, pairs });
    const histories = [
      { name: 'sound', run: sound.run },
      { name: 'photo', run: photo.run },
      { name: 'match', run },
    ];
    return { values: valuesOf(metrics), histories };
  },
};

export const natureDistilled: Experiment = {
  name: 'nature-distilled',
  title: 'AVC by class, the branch of photos taught further by a network of others (`models/nature`)',
  published: 'report .64 (real videos)',
  protocol:
    `${protocol}. The branches are those of the row above, but that of the photos has learnt further to tell what EfficientNet-Lite0 of others gives for each view (320 numbers; it ` +
    'was taught the 1,000 categories of ImageNet by 1.28 million photos; weights of Google, Apache 2.0, fetched as a package of the Python index), beside the categories: of the same photos, ' +
    'without their test fold, and of 1,040 of Caltech-101, whose categories are not told; in 1,700 steps of 64 on its squares of 64 pixels, then in 1,000 on squares of 96, and in 2,000 more. Its size stays',
  minutes: 205,
  seed,
  difference:
    'Not from scratch: ImageNet has told what is in a picture, and some of these photos (frogs, crickets, chainsaws, churches, police vans) are its own; none of fold 5 was shown to the branch. The first run was begun with 1,500 steps; set to 1,200 at the 120th and to 1,700 at the 565th, so that the learning rate fell anew; its ' +
    'beginning, the branch of the row above, was read back from the published bundle. So a run from the start will differ a little.',
  async run(tools) {
    const { sound, photo } = await natureBranches(tools);
    const { small, larger, longer } = await distilledPhotos(tools, photo);
    const pairs = await pairsByCategory(tools, largerShortSide);
    const { run, metrics } = await matchBranches(tools, { name: 'nature-distilled', sound, photo: longer, pairs });
    const histories = [
      { name: 'photo', run: small.run },
      { name: 'larger-photo', run: larger.run },
      { name: 'longer-photo', run: longer.run },
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
    const pairs = await pairsByCategory(tools);
    const { run, metrics } = await tools.train('nature-pairs', [
      ...['--preset', 'nature', '--data', pairs, ...at44100Hz],
      ...sets('melBands=64', 'plainEnd=0.1', 'steps=1800', 'evalEvery=600'),
    ]);
    return { values: valuesOf(metrics), histories: [{ name: 'match', run }] };
  },
};

/** Branches that were taught by labels: of 50 sounds, of 28 kinds of photos. */
export async function natureBranches(tools: Tools): Promise<{ sound: TrainedRun; photo: TrainedRun; pairs: string }> {
  const [sounds, pairs] = [await labelledSounds(tools), await pairsByCategory(tools)];
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

interface Matched {
  /** Of the run. */
  name: string;
  sound: TrainedRun;
  photo: TrainedRun;
  /** A prepared dataset. */
  pairs: string;
}

/** A head of topics on two branches, which learns from pairs only how sure it is. */
function matchBranches(tools: Tools, { name, sound, photo, pairs }: Matched): Promise<TrainedRun> {
  return tools.train(name, [
    ...['--preset', 'nature', '--data', pairs, ...at44100Hz],
    ...sets(`branches.audio=${sound.run}`, `branches.image=${photo.run}`, 'matchHead=topics', 'learns=scale'),
    ...sets('batchReuse=8', 'steps=40'),
  ]);
}

/** Of the pictures that `models/nature` sees, 96 of whose pixels it is shown along a side. */
export const largerShortSide = 108;

/** The branch of photos, which has learnt further what EfficientNet-Lite0 tells of them: of its own 64 pixels along a side, of 96, and of those longer. */
export async function distilledPhotos(
  tools: Tools,
  photo: TrainedRun,
): Promise<Record<'small' | 'larger' | 'longer', TrainedRun>> {
  const small = await distilPhotos(tools, {
    ...{ name: 'nature-photo-distilled', from: photo, shortSide: 72 },
    settings: ['steps=1700', 'evalEvery=250'],
  });
  const larger = await distilPhotos(tools, {
    ...{ name: 'nature-photo-96', from: small, shortSide: largerShortSide },
    settings: ['enlarge=1.5', 'steps=1000', 'evalEvery=300'],
  });
  const longer = await distilPhotos(tools, {
    ...{ name: 'nature-photo-96-longer', from: larger, shortSide: largerShortSide },
    settings: ['steps=2000', 'evalEvery=300'],
  });
  return { small, larger, longer };
}

interface Distilled {
  /** Of the run. */
  name: string;
  /** Whose branch goes on. */
  from: TrainedRun;
  /** Of the pictures that it sees. */
  shortSide: number;
  settings: string[];
}

async function distilPhotos(tools: Tools, { name, from, shortSide, settings }: Distilled): Promise<TrainedRun> {
  const taught = { shortSide: 2 * shortSide }; // the teacher sees twice the pixels
  const photos = await preparePhotos(tools, { name: 'photos', from: await naturePhotos(tools), ...taught });
  const also = await preparePhotos(tools, { name: 'caltech', from: tools.collection('caltech101_52'), ...taught });
  return tools.train(name, [
    ...['--preset', 'photos', '--from', from.run, '--data', photos],
    ...sets(`testFold=${natureFolds.test}`, `validationFold=${natureFolds.calibration}`, 'name=photo'),
    ...sets('distil.teacher=efficientnet-lite0', `distil.also=${also}`),
    ...sets('epochs=null', 'learningRate=2e-3', 'warmup=0.05', 'saveEvery=50', ...settings),
  ]);
}

/** The sounds of all 50 categories, to teach, prepared. */
async function labelledSounds(tools: Tools): Promise<string> {
  const from = ['--from', await natureSounds(tools)];
  return tools.dataset('nature_sounds', ['esc50', ...from, ...sampleRate, '--name', 'nature-sounds']);
}

/** Sounds and photos of the 28 categories that have both, prepared. @param shortSide of the photos, in pixels. */
export async function pairsByCategory(tools: Tools, shortSide = 72): Promise<string> {
  const from = ['--from', await natureSounds(tools), await naturePhotos(tools)];
  return tools.dataset(`nature-${shortSide}`, [
    ...['by-class', ...from, ...sampleRate],
    ...['--short-side', `${shortSide}`, '--name', 'nature'],
  ]);
}

const sampleRate = ['--sample-rate', '44100'];
