import { createInterface } from 'node:readline';
import { createPairSampler } from '#core/datasets/pairs/sampler.ts';
import { openPreparedSplit } from '#node/datasets/preparedSplit.ts';
import { publishedAugmentation } from './augmentation.ts';
import { startBatchLoader } from './batchLoader.ts';

/**
 * The loader alone, to measure: each line on stdin asks for a number of pairs, each line on stdout says how long they took.
 * `node training/data/loader/main.ts '{"folder":"…","batchSize":64,"workers":2,"ahead":4,"samples":48000,"size":224}'`
 */
interface Request {
  /** Of a prepared dataset. */
  folder: string;
  batchSize: number;
  workers: number;
  ahead: number;
  samples: number;
  size: number; // pixels
}

const { folder, size, ...settings }: Request = JSON.parse(process.argv[2] ?? '{}');
const split = await openPreparedSplit(folder, 'train');
const seeded = { ...settings, sampleRate: split.info.sampleRate, seed: 0 };
const sampler = createPairSampler(
  split.lines.map(({ clip }) => clip),
  split.info.pairing,
  {
    ...seeded,
    momentsPerClip: 1,
    matchesPerClip: 1,
    hardNegatives: { share: 0, warmupBatches: 0 },
    randomSecond: true,
  },
);
const loader = startBatchLoader(split, sampler, {
  ...seeded,
  firstStep: 0,
  image: { width: size, height: size, shortSide: split.info.shortSide },
  augmentation: publishedAugmentation,
});

for await (const line of createInterface({ input: process.stdin })) {
  const batches = Math.ceil(Number(line) / settings.batchSize);
  for (let i = 0; i <= settings.ahead; i++) await loader.next(); // those were ready before the clock started
  const startMs = performance.now();
  for (let i = 0; i < batches; i++) await loader.next();
  const seconds = (performance.now() - startMs) / 1000;
  console.log(JSON.stringify({ pairs: batches * settings.batchSize, seconds }));
}
await loader.close();
