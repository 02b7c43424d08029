import { expect, test } from 'vitest';
import { createPairSampler, type DrawnBatch, type SamplerOptions } from '#core/datasets/pairs/sampler.ts';
import type { Clip, PreparedDataset } from '#core/datasets/prepared.ts';
import { filmedClip, labelledClip } from '../support/clips.ts';

const options: SamplerOptions = {
  batchSize: 16,
  momentsPerClip: 1,
  matchesPerClip: 1,
  hardNegatives: { share: 0, warmupBatches: 0 },
  sampleRate: 48_000,
  samples: 48_000,
  randomSecond: true,
  seed: 0,
};
const seeds = Array.from({ length: 20 }, (_, seed) => seed);
const frameRates = [24, 25, 30_000 / 1001, 30, 60];
const videos = frameRates.flatMap((framesPerSecond, i) =>
  Array.from({ length: 8 }, (_, j) => filmedClip(`v${i}-${j}`, { seconds: 2 + 1.37 * j, framesPerSecond })),
);
const byClass = ['dog', 'rain', 'train', 'clock'].flatMap((category) => [
  ...Array.from({ length: 10 }, (_, i) => labelledClip(`${category}-s${i}`, category, 'sound')),
  ...Array.from({ length: 15 }, (_, i) => labelledClip(`${category}-p${i}`, category, 'picture')),
]);

interface DrawnPair {
  sound: Clip;
  picture: Clip;
  startSample: number;
  /** Of the picture, in samples of its own clip's sound; NaN: not known. */
  moment: number;
  corresponds: boolean;
}

function pairsOf({ sounds, pictures, pairs }: DrawnBatch): DrawnPair[] {
  return Array.from(pairs.corresponds, (corresponds, i) => {
    const sound = sounds[pairs.audioRows[i] as number] as DrawnBatch['sounds'][number];
    const picture = pictures[pairs.imageRows[i] as number] as DrawnBatch['pictures'][number];
    const timeSeconds = picture.clip.pictures[picture.picture]?.timeSeconds ?? Number.NaN;
    return {
      sound: sound.clip,
      picture: picture.clip,
      startSample: sound.startSample,
      moment: timeSeconds * options.sampleRate,
      corresponds: corresponds === 1,
    };
  });
}

function drawPairs(
  clips: Clip[],
  pairing: PreparedDataset['pairing'],
  { steps, ...changes }: Partial<SamplerOptions> & { steps: number },
): DrawnPair[] {
  const sampler = createPairSampler(clips, pairing, { ...options, ...changes });
  return Array.from({ length: steps }, (_, step) => pairsOf(sampler.draw(step))).flat();
}

function countBy<T>(items: T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

test('half of the pairs correspond, in every batch of every seed', () => {
  for (const seed of seeds) {
    for (const [clips, pairing] of [[videos, 'same-clip'] as const, [byClass, 'same-category'] as const]) {
      const sampler = createPairSampler(clips, pairing, { ...options, seed });
      for (let step = 0; step < 10; step++) {
        const pairs = pairsOf(sampler.draw(step));
        if (pairing === 'same-clip') expect(pairs).toHaveLength(32);
        expect(pairs.filter(({ corresponds }) => corresponds)).toHaveLength(16);
      }
    }
  }
});

test('the picture of a corresponding pair was taken within its second of sound, at 24, 25, 29.97, 30 and 60 frames a second', () => {
  const seen = new Set<string>();
  for (const seed of seeds) {
    for (const pair of drawPairs(videos, 'same-clip', { seed, steps: 20 })) {
      const samples = (pair.sound.sound?.seconds ?? 0) * options.sampleRate;
      expect(pair.startSample).toBeGreaterThanOrEqual(0);
      expect(pair.startSample + options.samples).toBeLessThanOrEqual(Math.round(samples));
      expect(pair.startSample).toBe(Math.round(pair.startSample));
      if (!pair.corresponds) continue;
      expect(pair.sound).toBe(pair.picture);
      expect(pair.moment).toBeGreaterThanOrEqual(pair.startSample);
      expect(pair.moment).toBeLessThanOrEqual(pair.startSample + options.samples);
      seen.add(pair.sound.key);
    }
  }
  expect(seen.size).toBe(videos.length);
});

test('a mismatched pair is never of one source, and never of one category', () => {
  const cut = videos.map((clip, i) => ({ ...clip, source: `tape-${i % 10}` })); // several clips a source
  for (const seed of seeds) {
    for (const { sound, picture, corresponds } of drawPairs(cut, 'same-clip', { seed, steps: 20, matchesPerClip: 4 }))
      if (!corresponds) expect(sound.source).not.toBe(picture.source);
    for (const { sound, picture, corresponds } of drawPairs(byClass, 'same-category', { seed, steps: 20 }))
      expect(sound.categories[0] === picture.categories[0]).toBe(corresponds);
  }
});

test('hard negatives are of one clip with windows that never hold the picture, and have their share after the warm-up', () => {
  const long = videos.filter((clip) => (clip.sound?.seconds ?? 0) > 4);
  const changes = { momentsPerClip: 2, matchesPerClip: 3, hardNegatives: { share: 0.25, warmupBatches: 10 } };
  for (const seed of seeds) {
    const sampler = createPairSampler(long, 'same-clip', { ...options, ...changes, seed });
    for (let step = 0; step < 20; step++) {
      const negatives = pairsOf(sampler.draw(step)).filter(({ corresponds }) => !corresponds);
      const hard = negatives.filter(({ sound, picture }) => sound === picture);
      expect(hard.length / negatives.length).toBe(step < 10 ? 0 : 0.25);
      for (const { startSample, moment } of hard)
        expect(moment < startSample || moment > startSample + options.samples).toBe(true);
    }
  }
});

test('each sound and each picture is in as many mismatched pairs as every other, so neither alone tells', () => {
  const changes = { momentsPerClip: 2, matchesPerClip: 5, hardNegatives: { share: 0.5, warmupBatches: 0 } };
  for (const seed of seeds) {
    const { pairs } = createPairSampler(videos, 'same-clip', { ...options, ...changes, seed }).draw(seed);
    for (const rows of [pairs.audioRows, pairs.imageRows]) {
      const mismatched = [...rows].filter((_, i) => pairs.corresponds[i] === 0);
      const counts = countBy(mismatched, String);
      expect([...counts.values()]).toEqual(new Array(16).fill(5));
    }
  }
});

test('windows of mismatched pairs begin on the same grid, as often early and late, as those of corresponding pairs', () => {
  const starts = { true: [] as number[], false: [] as number[] };
  for (const seed of seeds) {
    for (const pair of drawPairs(videos, 'same-clip', { seed, steps: 20 }))
      starts[`${pair.corresponds}`].push(pair.startSample);
  }
  expect(starts.false.sort()).toEqual(starts.true.sort());
});

test('each clip is drawn as often as every other', () => {
  const steps = (videos.length * 10) / options.batchSize; // ten times each
  for (const seed of seeds) {
    const sounds = drawPairs(videos, 'same-clip', { seed, steps }).filter(({ corresponds }) => corresponds);
    const counts = countBy(sounds, ({ sound }) => sound.key);
    expect(counts.size).toBe(videos.length);
    expect([...counts.values()]).toEqual(videos.map(() => 10));
  }
});

test('an epoch is of the sounds that are drawn: those that a picture goes with', () => {
  const unseen = Array.from({ length: 7 }, (_, i) => labelledClip(`wind-s${i}`, 'wind', 'sound'));
  const silent = videos.map((clip) => ({ ...clip, key: `${clip.key}-dark`, pictures: [] }));
  for (const [clips, pairing, drawn] of [
    [[...byClass, ...unseen], 'same-category', 40],
    [[...videos, ...silent], 'same-clip', videos.length],
  ] as const) {
    const sampler = createPairSampler([...clips], pairing, options);
    expect(sampler.sounds).toBe(drawn);
    const batches = Array.from({ length: drawn / 8 }, (_, step) => sampler.draw(step).sounds);
    expect(new Set(batches.flat().map(({ clip }) => clip.key)).size).toBe(drawn);
  }
});

test('by category, each sound is drawn as often as every other, and each picture of a category too', () => {
  const pairs = drawPairs(byClass, 'same-category', { steps: 75 }).filter(({ corresponds }) => corresponds);
  expect([...countBy(pairs, ({ sound }) => sound.key).values()]).toEqual(new Array(40).fill(30));
  expect([...countBy(pairs, ({ picture }) => picture.key).values()]).toEqual(new Array(60).fill(20));
});

test('a step gives the same pairs however the steps are asked for, and another seed gives others', () => {
  const whole = drawPairs(videos, 'same-clip', { steps: 12, seed: 3 });
  const sampler = createPairSampler(videos, 'same-clip', { ...options, seed: 3 });
  const backwards = Array.from({ length: 12 }, (_, i) => pairsOf(sampler.draw(11 - i))).reverse();
  expect(backwards.flat()).toEqual(whole);
  expect(drawPairs(videos, 'same-clip', { steps: 12, seed: 4 })).not.toEqual(whole);
});

test('every frame of a clip is drawn, and every start of its window from first to last', () => {
  const clips = [0, 1].map((i) => filmedClip(`${i}`, { seconds: 3, framesPerSecond: 25, everyFrames: 25 }));
  const pairs = drawPairs(clips, 'same-clip', { batchSize: 2, steps: 3000 }).filter(({ corresponds }) => corresponds);
  expect([...countBy(pairs, ({ moment }) => String(moment)).keys()].sort()).toEqual(['0', '48000', '96000']);
  const starts = pairs.filter(({ moment }) => moment === 48_000).map(({ startSample }) => startSample);
  expect(Math.min(...starts)).toBeLessThan(500);
  expect(Math.max(...starts)).toBeGreaterThan(47_500);
});

test('without random seconds the picture is taken in the middle of its second', () => {
  for (const pair of drawPairs(videos, 'same-clip', { steps: 20, randomSecond: false })) {
    if (!pair.corresponds) continue;
    const end = (pair.sound.sound?.seconds ?? 0) * options.sampleRate;
    const isInside = pair.moment > 24_000 && pair.moment < end - 24_000;
    if (isInside) expect(Math.abs(pair.moment - pair.startSample - 24_000)).toBeLessThanOrEqual(0.5);
  }
});

test('a picture taken before or after the sound is never drawn', () => {
  const late = videos.map((clip) => ({
    ...clip,
    pictures: [
      { width: 320, height: 256, timeSeconds: -0.5 },
      { width: 320, height: 256, timeSeconds: 1 },
      { width: 320, height: 256, timeSeconds: (clip.sound?.seconds ?? 0) + 0.1 },
    ],
  }));
  for (const { moment } of drawPairs(late, 'same-clip', { steps: 50 })) expect(moment).toBe(48_000);
});

test('a set from which no pair can be drawn is refused with the reason', () => {
  const refusal = (clips: Clip[], pairing: PreparedDataset['pairing'], changes: Partial<SamplerOptions> = {}) => {
    return () => createPairSampler(clips, pairing, { ...options, ...changes });
  };
  const oneSource = videos.map((clip) => ({ ...clip, source: 'tape' }));
  expect(refusal(oneSource, 'same-clip')).toThrow(/No mismatched pair.*one source/);
  const oneCategory = byClass.filter(({ categories }) => categories[0] === 'dog');
  expect(refusal(oneCategory, 'same-category')).toThrow(/No mismatched pair.*one category/);
  // Pictures of what no sound goes with are never drawn, so nothing could be mismatched with them.
  const onlyDogsHeard = byClass.filter(({ categories, sound }) => !sound || categories[0] === 'dog');
  expect(refusal(onlyDogsHeard, 'same-category')).toThrow(/No mismatched pair.*one category/);
  expect(refusal(byClass, 'none')).toThrow(/only sounds or only pictures/);
  expect(refusal(byClass, 'same-clip')).toThrow(/picture taken while their sound/);
  expect(refusal([], 'same-clip')).toThrow(/there is none/);
  const short = videos.map((clip) => ({ ...clip, sound: { seconds: 1.5, startSeconds: 0 } }));
  const hardNegatives = { share: 0.2, warmupBatches: 0 };
  expect(refusal(short, 'same-clip', { momentsPerClip: 2, hardNegatives })).toThrow(/No hardNegatives/);
  expect(refusal(videos, 'same-clip', { hardNegatives })).toThrow(/momentsPerClip/);
  expect(refusal(videos, 'same-clip', { batchSize: 3, momentsPerClip: 2 })).toThrow(/batchSize/);
});
