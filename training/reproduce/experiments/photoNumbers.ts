import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { classificationMetrics } from '#core/metrics.ts';
import { growForest } from '../../baselines/forest.ts';
import { openLabelledDataset } from '../../classify/examples.ts';
import type { Experiment, Value } from '../experiment.ts';
import { plainValue, valueFrom } from '../values.ts';
import { pairsByCategory } from './nature.ts';
import { natureFolds, naturePhotos } from './natureData.ts';

const seed = 0;

/** What is said of a photo without looking at it. */
interface Described {
  category: string;
  source: string;
  isTest: boolean;
  numbers: Float32Array;
}

export const photoNumbers: Experiment = {
  name: 'photo-numbers',
  title: 'Photos by their files’ numbers alone: what size, shape and compression give away',
  published: null,
  protocol:
    'photos of 28 categories, fold 5; a forest of 100 trees that is given width, height, aspect and bytes a pixel of each file as it came, and then ' +
    'of each as it is prepared: its short side brought to 72 pixels, from which a square of 64 is cut; guessing has a balanced accuracy of .036',
  minutes: 1,
  seed,
  difference: null,
  onlyInResults: true,
  async run(tools) {
    const collection = await naturePhotos(tools);
    const pairs = await pairsByCategory(tools);
    const asTheyCame = await fromFiles(tools.collection('esc50_photos2'), collection);
    const prepared = await fromDataset(pairs);
    return {
      values: [
        ...measure('as they came', asTheyCame),
        ...measure('prepared', prepared),
        ...measure('prepared, a square of them', prepared.map(withoutShape)),
      ],
    };
  },
};

function measure(name: string, photos: Described[]): Value[] {
  const [train, test] = [photos.filter(({ isTest }) => !isTest), photos.filter(({ isTest }) => isTest)];
  const labels = [...new Set(photos.map(({ category }) => category))].sort();
  const categories = (list: Described[]) => list.map(({ category }) => labels.indexOf(category));
  const rows = train.map(({ numbers }) => numbers);
  const classify = growForest(rows, categories(train), { trees: 100, classes: labels.length, seed });
  const items = test.map(({ category, source }) => ({ category: labels.indexOf(category), source }));
  const metrics = classificationMetrics(
    test.map(({ numbers }) => classify(numbers)),
    items,
  );
  return [plainValue(`balanced accuracy, ${name}`, metrics.macroRecall), valueFrom(`accuracy, ${name}`, metrics)];
}

async function fromFiles(folder: string, collection: string): Promise<Described[]> {
  const bytesOf = await memberBytes(join(folder, 'images.tar'));
  const sizes = parse(await readFile(join(folder, 'photos.csv'), 'utf8'), { columns: true }) as Record<
    string,
    string
  >[];
  const splits = parse(await readFile(join(collection, 'photos.csv'), 'utf8'), { columns: true }) as Record<
    string,
    string
  >[];
  return sizes.map(({ file, category, width, height }, i) => ({
    category: category as string,
    source: file as string,
    isTest: splits[i]?.fold === String(natureFolds.test),
    numbers: numbersOf(Number(width), Number(height), bytesOf.get(file as string) as number),
  }));
}

async function fromDataset(folder: string): Promise<Described[]> {
  const split = { folder, testFold: natureFolds.test, validationFold: null, sense: 'image' } as const;
  const { train, test, labels } = await openLabelledDataset(split);
  return [...train, ...test].map(({ line, category }, i) => {
    const [picture] = line.clip.pictures;
    const { width, height } = picture as NonNullable<typeof picture>;
    return {
      category: labels[category] as string,
      source: line.clip.source,
      isTest: i >= train.length,
      numbers: numbersOf(width, height, line.pictures[0]?.bytes as number),
    };
  });
}

function numbersOf(width: number, height: number, bytes: number): Float32Array {
  return Float32Array.of(width, height, width / height, bytes / (width * height));
}

/** How well it compresses, which is how sharp and how busy it is. */
function withoutShape(photo: Described): Described {
  return { ...photo, numbers: photo.numbers.slice(3) };
}

/** Of a tar's members, by their names. */
async function memberBytes(tar: string): Promise<Map<string, number>> {
  const file = await open(tar);
  const sizes = new Map<string, number>();
  const header = Buffer.alloc(512);
  try {
    for (let offset = 0; (await file.read(header, 0, 512, offset)).bytesRead === 512; ) {
      const name = header.toString('latin1', 0, 100).replace(/\0.*$/s, '');
      if (name === '') break; // the end is blocks of zeros
      const bytes = Number.parseInt(header.toString('latin1', 124, 136), 8);
      sizes.set(name, bytes);
      offset += 512 * (1 + Math.ceil(bytes / 512));
    }
  } finally {
    await file.close();
  }
  return sizes;
}
