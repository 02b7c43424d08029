import { samplesIn } from '#core/datasets/clipFiles.ts';
import { fixedPairStart } from '#core/datasets/fixedPairs.ts';
import { mayMismatch } from '#core/datasets/pairs/mismatch.ts';
import { createPairSampler, type DrawnBatch } from '#core/datasets/pairs/sampler.ts';
import type { Clip, IndexLine, PreparedDataset, Split, TarMember } from '#core/datasets/prepared.ts';
import { type FixedPairs, readFixedPairs } from '#core/datasets/readDataset.ts';
import { correspondenceMetrics, type JudgedPair } from '#core/metrics.ts';
import { Random } from '#core/random.ts';
import { retrieveBothWays } from '#core/retrieval.ts';
import { datasetFiles, openPreparedSplit, type PreparedSplit } from '#node/datasets/preparedSplit.ts';
import { checkRate } from '../data/checkRate.ts';
import { noAugmentation } from '../data/loader/augmentation.ts';
import { type BatchLoader, type LoadedBatch, startBatchLoader } from '../data/loader/batchLoader.ts';
import { encodeAudio, encodeImages, scorePairs } from '../encode.ts';
import type { Network } from '../model/network.ts';
import { datasetRecord } from '../run/datasetRecord.ts';
import type { Metrics } from '../task.ts';
import type { PreparedPairsData } from './config.ts';
import type { PairBatch, PairSource, SourceOptions } from './pairSource.ts';

/** Clips of a dataset that `clapper prepare` made, read while the step computes. */
export async function preparedPairs(data: PreparedPairsData, options: SourceOptions): Promise<PairSource> {
  const { model, rows, batchesPerStep, matchesPerClip, seed } = options;
  const { sampleRate, samples } = model.spectrogram;
  const train = await openPreparedSplit(data.folder, 'train');
  checkRate(train.info, { sampleRate, folder: data.folder });
  const clips = train.lines.map(({ clip }) => clip);
  const sampler = createPairSampler(clips, train.info.pairing, {
    batchSize: rows,
    momentsPerClip: data.momentsPerClip,
    matchesPerClip,
    hardNegatives: {
      share: data.hardNegatives.share,
      warmupBatches: Math.ceil(data.hardNegatives.warmupSteps * batchesPerStep),
    },
    randomSecond: data.randomSecond,
    sampleRate,
    samples,
    seed,
  });
  const shiftSeed = new Random(seed, 33).uint32();
  const shifted = {
    draw(step: number): DrawnBatch {
      const drawn = sampler.draw(step);
      if (!data.circularShift) return drawn;
      const random = new Random(shiftSeed, step);
      const shift = ({ sound }: Clip) =>
        Math.round((sound?.seconds ?? 0) * sampleRate) <= samples ? random.integer(samples) : 0;
      return { ...drawn, sounds: drawn.sounds.map((row) => ({ ...row, rollSamples: shift(row.clip) })) };
    },
  };
  const loading = {
    batchSize: rows,
    workers: data.workers,
    ahead: data.ahead,
    samples,
    image: model.image,
  };
  const judged = new Map<Split, JudgedSplit>();
  const judgedSplit = async (split: Split) => {
    const known = judged.get(split) ?? (await openJudgedSplit(data.folder, split));
    judged.set(split, known);
    return known;
  };
  const encode = async (network: Network, split: Split): Promise<EncodedSplit> => {
    const { prepared, fixed } = await judgedSplit(split);
    const start = () =>
      startBatchLoader(
        prepared,
        { draw: (step) => drawRows(fixed, { step, rows, ...model.spectrogram }) },
        { ...loading, firstStep: 0, augmentation: noAugmentation, seed: 0 },
      );
    return encodeFixed(network, fixed, start);
  };
  return {
    dataset: datasetRecord(train.info, null),
    sounds: sampler.sounds,
    startBatches(firstBatch) {
      const loader = startBatchLoader(train, shifted, {
        ...loading,
        firstStep: firstBatch,
        augmentation: data.augmentation,
        seed,
      });
      return { next: async () => pairBatch(await loader.next(), train.info.pairing), close: () => loader.close() };
    },
    judge: async (network, split) => judgePairs(network, await encode(network, split)),
    async finish(network) {
      const encoded = await encode(network, 'test');
      if (encoded.fixed.pairs.length === 0) return { classifiers: [], metrics: {} };
      const metrics: Metrics = correspondenceMetrics(judgePairs(network, encoded));
      const retrieval = train.info.pairing === 'same-category' ? await judgeRetrieval(network, encoded) : {};
      return { classifiers: [], metrics: { ...metrics, ...retrieval } };
    },
  };
}

/** A picture may show what several sounds come from: then it is of their categories too. */
export function pairBatch(
  { waveforms, pictures, drawn }: LoadedBatch<DrawnBatch>,
  pairing: PreparedDataset['pairing'],
): PairBatch {
  const heard = (row: number) => (drawn.sounds[row] as DrawnBatch['sounds'][number]).clip;
  const shown = (row: number) => (drawn.pictures[row] as DrawnBatch['pictures'][number]).clip;
  const shareCategory = (i: number, j: number) =>
    heard(i).categories.some((category) => shown(j).categories.includes(category));
  return {
    waveforms,
    pictures,
    pairs: drawn.pairs,
    mayMismatch: (i, j) => mayMismatch(heard(i), shown(j)),
    belongTogether: (i, j) => i === j || (pairing === 'same-category' && shareCategory(i, j)),
  };
}

interface JudgedSplit {
  prepared: PreparedSplit;
  fixed: FixedPairs;
}

async function openJudgedSplit(folder: string, split: Split): Promise<JudgedSplit> {
  const prepared = await openPreparedSplit(folder, split);
  return { prepared, fixed: await readFixedPairs(datasetFiles(folder), split, prepared.lines) };
}

/** The n-th sounds beside the n-th pictures, round and round; only the first time round counts. */
function drawRows(
  { sounds, pictures }: FixedPairs,
  { step, rows, sampleRate, samples }: { step: number; rows: number; sampleRate: number; samples: number },
): DrawnBatch {
  const places = Array.from({ length: rows }, (_, row) => step * rows + row);
  return {
    sounds: places.map((place) => {
      const { line, startSeconds } = sounds[place % sounds.length] as FixedPairs['sounds'][number];
      const soundSamples = samplesIn(line.sound as TarMember);
      return { clip: line.clip, startSample: fixedPairStart(startSeconds, { sampleRate, samples, soundSamples }) };
    }),
    pictures: places.map((place) => {
      const { line, index } = pictures[place % pictures.length] as FixedPairs['pictures'][number];
      return { clip: line.clip, picture: index };
    }),
    pairs: { audioRows: new Int32Array(), imageRows: new Int32Array(), corresponds: new Int32Array() },
  };
}

/** What a split's fixed pairs are made of, and what the branches give for it. */
interface EncodedSplit {
  fixed: FixedPairs;
  /** Of each sound, and of each picture, its embedding. */
  heard: Float32Array[];
  seen: Float32Array[];
}

/** Encodes each sound and each picture once. */
async function encodeFixed(
  network: Network,
  fixed: FixedPairs,
  start: () => BatchLoader<DrawnBatch>,
): Promise<EncodedSplit> {
  const { sounds, pictures, pairs } = fixed;
  if (pairs.length === 0) return { fixed, heard: [], seen: [] };
  const [heard, seen]: [Float32Array[], Float32Array[]] = [[], []];
  const loader = start();
  try {
    while (heard.length < sounds.length || seen.length < pictures.length) {
      const batch = await loader.next();
      const rows = batch.drawn.sounds.length;
      const row = <A extends Float32Array | Uint8Array>(all: A, i: number) =>
        all.subarray((i * all.length) / rows, ((i + 1) * all.length) / rows) as A;
      const firstOf = (missing: number) => Array.from({ length: Math.max(0, Math.min(rows, missing)) }, (_, i) => i);
      const soundRows = firstOf(sounds.length - heard.length).map((i) => row(batch.waveforms, i));
      const pictureRows = firstOf(pictures.length - seen.length).map((i) => row(batch.pictures, i));
      heard.push(...encodeAudio(network, soundRows).embeddings);
      seen.push(...encodeImages(network, pictureRows).embeddings);
    }
  } finally {
    await loader.close();
  }
  return { fixed, heard, seen };
}

function judgePairs(network: Network, { fixed, heard, seen }: EncodedSplit): JudgedPair[] {
  const { sounds, pictures, pairs } = fixed;
  if (pairs.length === 0) return [];
  const scores = scorePairs(
    network,
    pairs.map(({ sound }) => heard[sound] as Float32Array),
    pairs.map(({ picture }) => seen[picture] as Float32Array),
  );
  return pairs.map(({ sound, picture, corresponds }, i) => ({
    score: scores[i] as number,
    corresponds,
    sources: [sounds[sound]?.line.clip.source as string, pictures[picture]?.line.clip.source as string],
  }));
}

async function judgeRetrieval(network: Network, { fixed, heard, seen }: EncodedSplit): Promise<Metrics> {
  const categoriesOf = ({ line }: { line: IndexLine }) => line.clip.categories;
  const { picture, sound } = await retrieveBothWays({
    sounds: fixed.sounds.map(categoriesOf),
    pictures: fixed.pictures.map(categoriesOf),
    score: (pairs) =>
      scorePairs(
        network,
        pairs.map(({ sound }) => heard[sound] as Float32Array),
        pairs.map(({ picture }) => seen[picture] as Float32Array),
      ),
  });
  return { ...(picture && { pictureTop1: picture.top1 }), ...(sound && { soundTop1: sound.top1 }) };
}
