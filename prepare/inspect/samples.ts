import { pictureFile, readPicture, readWaveform, type Shards, soundFile } from '#core/datasets/clipFiles.ts';
import { createPairSampler, type DrawnBatch, type PairSampler } from '#core/datasets/pairs/sampler.ts';
import type { Clip, IndexLine, Pairing } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { Random } from '#core/random.ts';
import type { PreparedSplit } from '#node/datasets/preparedSplit.ts';
import { openShards } from '#node/datasets/shards.ts';

/** A second of a clip's sound, or all of a shorter one. */
export interface HeardSample {
  clip: Clip;
  startSeconds: number;
  /** `[samples]` float32 in [-1, 1). */
  waveform: Float32Array;
}

export interface SeenSample {
  clip: Clip;
  timeSeconds: number | null;
  jpeg: Uint8Array;
}

export interface Sample {
  sound: HeardSample | null;
  picture: SeenSample | null;
}

/** What the sampler of training draws: matching pairs, and the same sounds and pictures mismatched. */
export interface DrawnSamples {
  matching: Sample[];
  mismatched: Sample[];
}

/** Draws `count` sounds and pictures at random; of clips that cannot be paired each stands alone, as matching. */
export function drawSamples(split: PreparedSplit, { count, seed }: { count: number; seed: number }): DrawnSamples {
  const { info, lines } = split;
  const { pairing, sampleRate } = info;
  const shards = openShards(split.shards);
  const sampler = pairing === 'none' ? null : samplerOf(lines, { pairing, sampleRate, count, seed });
  if (!sampler) {
    const some = new Random(seed).shuffle([...lines]).slice(0, count);
    const matching = some.map((line) => ({
      sound: line.sound && heardSample(shards, line, { startSample: 0, sampleRate }),
      picture: line.pictures.length > 0 ? seenSample(shards, line, 0) : null,
    }));
    return { matching, mismatched: [] };
  }
  const { sounds, pictures, pairs } = sampler.draw(0);
  const lineOf = new Map(lines.map((line) => [line.clip, line]));
  const samples = Array.from(pairs.audioRows, (row, i): Sample => {
    const { clip: heard, startSample } = sounds[row] as DrawnBatch['sounds'][number];
    const { clip: seen, picture } = pictures[pairs.imageRows[i] as number] as DrawnBatch['pictures'][number];
    return {
      sound: heardSample(shards, lineOf.get(heard) as IndexLine, { startSample, sampleRate }),
      picture: seenSample(shards, lineOf.get(seen) as IndexLine, picture),
    };
  });
  return {
    matching: samples.filter((_, i) => pairs.corresponds[i] === 1),
    mismatched: samples.filter((_, i) => pairs.corresponds[i] === 0),
  };
}

interface SamplerWanted {
  pairing: Pairing;
  sampleRate: number;
  count: number;
  seed: number;
}

/** @returns null where no mismatched pair can be drawn, or none at all. */
function samplerOf(lines: IndexLine[], { pairing, sampleRate, count, seed }: SamplerWanted): PairSampler | null {
  const clips = lines.map(({ clip }) => clip);
  try {
    return createPairSampler(clips, pairing, {
      sampleRate,
      samples: sampleRate,
      randomSecond: true,
      batchSize: Math.max(2, count),
      momentsPerClip: 1,
      matchesPerClip: 1,
      hardNegatives: { share: 0, warmupBatches: 0 },
      seed,
    });
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

function heardSample(
  shards: Shards,
  line: IndexLine,
  { startSample, sampleRate }: { startSample: number; sampleRate: number },
): HeardSample {
  const waveform = readWaveform(shards, soundFile(line), { startSample, samples: sampleRate });
  return { clip: line.clip, startSeconds: startSample / sampleRate, waveform };
}

function seenSample(shards: Shards, line: IndexLine, index: number): SeenSample {
  const { clip } = line;
  const timeSeconds = clip.pictures[index]?.timeSeconds ?? null;
  return { clip, timeSeconds, jpeg: readPicture(shards, pictureFile(line, index)) };
}
