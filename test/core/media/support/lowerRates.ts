import { expect } from 'vitest';
import { decodeAudio } from '#core/media/audio.ts';
import { resample } from '#core/media/resample.ts';

/** A file's sound as another decoder has it, `[N]` mono. */
export interface Reference {
  mean: Float32Array;
  sampleRate: number; // Hz
}

export interface Within {
  most: number;
  /** What is cut off at a sound's ends rings there, at the whole rate and at a part of it differently. */
  ends: { seconds: number; most: number };
}

/** Expects a file whose decoder may leave out what lower rates do not have to be what the reference is when it is resampled. */
export async function expectLowerRates(bytes: Uint8Array, reference: Reference, { most, ends }: Within): Promise<void> {
  for (const rate of [8000, 11_025, 16_000]) {
    const ours = await decodeAudio(bytes, { sampleRate: rate });
    const expected = resample(reference.mean, reference.sampleRate, rate);
    expect(ours.length).toBe(expected.length);
    const [start, end] = [ends.seconds * rate, ours.length - ends.seconds * rate];
    ours.forEach((sample, n) => {
      const allowed = n < start || n > end ? ends.most : most;
      const difference = Math.abs(sample - (expected[n] as number));
      if (difference > allowed) expect.fail(`${rate} Hz, sample ${n}: ${sample}, not ${expected[n]}`);
    });
  }
}

/** Expects files by turns, at rates by turns, forth and back, to be decoded as each was first: what is kept of one does not reach the next. */
export async function expectSameByTurns(
  names: string[],
  { rates, read }: { rates: number[]; read: (name: string) => Uint8Array },
): Promise<void> {
  const asked = names.flatMap((name) => rates.map((sampleRate) => ({ name, sampleRate })));
  const firsts = new Map<string, Float32Array>();
  for (const { name, sampleRate } of [...asked, ...asked.reverse()]) {
    const samples = await decodeAudio(read(name), { sampleRate });
    const key = `${name} ${sampleRate}`;
    expect(samples, key).toEqual(firsts.get(key) ?? samples);
    firsts.set(key, samples);
  }
}
