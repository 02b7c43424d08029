import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment, Value } from '../experiment.ts';
import type { Tools } from '../tools.ts';
import { sets, valueFrom } from '../values.ts';
import { l3Name, l3Network, l3ShortSide } from './l3Settings.ts';
import { natureFolds, naturePhotos } from './natureData.ts';
import { learnFromVideos } from './realVideos.ts';

const seed = 0;
const protocol =
  'conv4_2 of the frozen image branch, max-pooled, z-score, one linear SVM a class, C = 0.001: Caltech-101 photos of 52 classes (10 of each to learn ' +
  'from, 10 to test), photos of 28 ESC-50 categories (fold 5), and ImageNet’s validation photos where their folder, imagenet_val, is among the ' +
  `collections; ${l3Name(0.25)}, squares of 112 pixels`;
const difference =
  'Other photos and fewer classes than ImageNet’s 1,000, so the shares are not of one scale: what counts is random beside pretrained.';

export const l3ImageRandom: Experiment = {
  name: 'l3-image-random',
  title: 'L3 image branch, random weights, frozen + linear SVM',
  published: 'report .14, paper .129 (1,000 ImageNet classes)',
  ...{ protocol, seed, difference },
  minutes: 8,
  run: (tools) => measure(tools, { name: 'random', from: 'random' }),
};

export const l3ImagePretrained: Experiment = {
  name: 'l3-image-pretrained',
  title: 'L3 image branch, learnt from real videos, frozen + linear SVM',
  published: 'report .15, paper .323 (1,000 ImageNet classes)',
  ...{ protocol, seed, difference },
  minutes: 8,
  run: async (tools) => measure(tools, { name: 'pretrained', from: (await learnFromVideos(tools)).run }),
};

async function measure(tools: Tools, { name, from }: { name: string; from: string }): Promise<{ values: Value[] }> {
  const values: Value[] = [];
  for (const [photos, { data, folds }] of Object.entries(await photoSets(tools))) {
    const { metrics } = await tools.train(`l3-image-${name}-${photos}-${tools.l3Width}`, [
      ...['--preset', 'probe', '--from', from, '--data', data],
      ...sets('branch=image', 'costs=[0.001]', `seed=${seed}`, ...folds, ...l3Network(tools.l3Width)),
    ]);
    values.push(valueFrom(`accuracy, ${photos}`, metrics));
  }
  return { values };
}

async function photoSets(tools: Tools): Promise<Record<string, { data: string; folds: string[] }>> {
  const side = l3ShortSide(tools.l3Width);
  const prepare = (name: string, from: string) =>
    tools.dataset(`${name}-${side}`, ['imagenet-val', '--from', from, '--short-side', `${side}`, '--name', name]);
  const imagenet = join(tools.collections, 'imagenet_val');
  return {
    caltech: { data: await prepare('caltech', tools.collection('caltech101_52')), folds: [] },
    photos: {
      data: await prepare('photos', await naturePhotos(tools)),
      folds: [`data.testFold=${natureFolds.test}`],
    },
    ...(existsSync(imagenet) && { imagenet: { data: await prepare('imagenet', imagenet), folds: [] } }),
  };
}
