import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment, Value } from '../experiment.ts';
import type { Tools } from '../tools.ts';
import { sets, valueFrom } from '../values.ts';
import { type L3Size, l3Name, l3Network, l3Row, l3ShortSide, l3Squares } from './l3Settings.ts';
import { natureFolds, naturePhotos, preparePhotos } from './natureData.ts';
import { learnFromVideos } from './realVideos.ts';

const seed = 0;
const difference =
  'Other photos and fewer classes than ImageNet’s 1,000, so the shares are not of one scale: what counts is random beside pretrained.';

export function l3Image(start: 'random' | 'pretrained', size: L3Size): Experiment {
  const row = l3Row(`l3-image-${start}`, size, {
    title: `L3 image branch, ${{ random: 'random weights', pretrained: 'learnt from real videos' }[start]}, frozen + linear SVM`,
    minutes: [8, 10],
  });
  return {
    ...{ ...row, seed, difference },
    published: `report ${{ random: '.14, paper .129', pretrained: '.15, paper .323' }[start]} (1,000 ImageNet classes)`,
    protocol:
      'conv4_2 of the frozen image branch, max-pooled, z-score, one linear SVM a class, C = 0.001: Caltech-101 photos of 52 classes (10 of each to ' +
      'learn from, 10 to test), photos of 28 ESC-50 categories (fold 5), and ImageNet’s validation photos where their folder, imagenet_val, is among ' +
      `the collections; ${l3Name(size)}, ${l3Squares(size)}`,
    async run(tools) {
      const from = start === 'random' ? start : (await learnFromVideos(tools, size)).run;
      const values: Value[] = [];
      for (const [photos, { data, folds }] of Object.entries(await photoSets(tools, size))) {
        const { metrics } = await tools.train(`${row.name}-${photos}`, [
          ...['--preset', 'probe', '--from', from, '--data', data],
          ...sets('branch=image', 'costs=[0.001]', `seed=${seed}`, ...folds, ...l3Network(size)),
        ]);
        values.push(valueFrom(`accuracy, ${photos}`, metrics));
      }
      return { values };
    },
  };
}

async function photoSets(tools: Tools, size: L3Size): Promise<Record<string, { data: string; folds: string[] }>> {
  const side = l3ShortSide(size);
  const prepare = (name: string, from: string) => preparePhotos(tools, { name, from, shortSide: side });
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
