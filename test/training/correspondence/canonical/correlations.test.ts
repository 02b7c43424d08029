import { readFileSync } from 'node:fs';
import { Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import type { Clip } from '#core/datasets/prepared.ts';
import { Random } from '#core/random.ts';
import {
  canonicalCorrelations,
  correlationsByRidge,
} from '../../../../training/correspondence/canonical/correlations.ts';
import type { EncodedClip } from '../../../../training/correspondence/canonical/encodeClips.ts';
import {
  momentsOfCategories,
  momentsOfPairs,
  poolMoments,
} from '../../../../training/correspondence/canonical/pairMoments.ts';
import { scorePairs } from '../../../../training/encode.ts';
import { createMatchHead, setProjections } from '../../../../training/model/matchHead.ts';

/** Made by `test/fixtures/canonical/make.py`. */
interface Fixture {
  audio: number[][];
  image: number[][];
  /** Of scikit-learn's CCA. */
  correlations: number[];
  weights: number[];
  ridge: number;
  units: number;
  ridgeCorrelations: number[];
  askedAudio: number[][];
  askedImage: number[][];
  cosines: number[];
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/canonical/scipy.json', import.meta.url), 'utf8'),
);
const rowsOf = (rows: number[][]) => rows.map((row) => Float32Array.from(row));
const [audio, image] = [rowsOf(fixture.audio), rowsOf(fixture.image)];

test('without a ridge the correlations are those of scikit-learn’s CCA', () => {
  const moments = momentsOfPairs(
    audio,
    image,
    audio.map(() => 1 / audio.length),
  );
  const { correlations } = canonicalCorrelations(moments, { ridge: 0, units: 9 });
  expect(correlations.length).toBe(5);
  for (const [i, value] of correlations.entries()) expect(value).toBeCloseTo(fixture.correlations[i] as number, 5);
});

test('with a ridge and weights the head’s cosines are those of scipy’s generalised eigenproblem', () => {
  const { ridge, units, ridgeCorrelations, cosines } = fixture;
  const found = canonicalCorrelations(momentsOfPairs(audio, image, fixture.weights), { ridge, units });
  for (const [i, value] of found.correlations.entries()) expect(value).toBeCloseTo(ridgeCorrelations[i] as number, 6);
  const asked = correlationsByRidge(momentsOfPairs(audio, image, fixture.weights));
  asked({ ridge: 10, units });
  expect(asked({ ridge, units })).toEqual(found);
  const head = createMatchHead({ kind: 'canonical', audioEmbedding: 6, imageEmbedding: 5, units }, new Random(0));
  setProjections(head, found.projections);
  const scores = scorePairs({ match: head }, rowsOf(fixture.askedAudio), rowsOf(fixture.askedImage));
  for (const [i, score] of scores.entries())
    expect(Math.log(score / (1 - score)) / 5).toBeCloseTo(cosines[i] as number, 4);
});

test('the moments of categories are those of all their pairs, every category counting as much', () => {
  const random = new Random(2);
  const row = (length: number) => Float32Array.from({ length }, () => random.normal());
  const clip = (category: string, side: 'sound' | 'picture'): EncodedClip => ({
    clip: { categories: [category] } as Clip,
    sounds: side === 'sound' ? [row(3)] : [],
    pictures: side === 'picture' ? [{ row: row(4), window: 0 }] : [],
  });
  const counts = { dog: [2, 3], rain: [4, 1], crow: [3, 0] } as Record<string, [number, number]>;
  const clips = Object.entries(counts).flatMap(([name, [sounds, pictures]]) => [
    ...Array.from({ length: sounds }, () => clip(name, 'sound')),
    ...Array.from({ length: pictures }, () => clip(name, 'picture')),
  ]);
  const pairs = ['dog', 'rain'].flatMap((name) => {
    const own = clips.filter(({ clip }) => clip.categories[0] === name);
    const [sounds, pictures] = [own.flatMap(({ sounds }) => sounds), own.flatMap(({ pictures }) => pictures)];
    const weight = 1 / 2 / sounds.length / pictures.length;
    return sounds.flatMap((audio) => pictures.map(({ row: image }) => ({ audio, image, weight })));
  });
  const all = momentsOfPairs(
    pairs.map(({ audio }) => audio),
    pairs.map(({ image }) => image),
    pairs.map(({ weight }) => weight),
  );
  const found = momentsOfCategories(clips);
  const same = (a: Matrix, b: Matrix) => expect(Matrix.sub(a, b).norm()).toBeLessThan(1e-9);
  same(found.cross, all.cross);
  for (const side of ['audio', 'image'] as const) {
    same(found[side].mean, all[side].mean);
    same(found[side].covariance, all[side].covariance);
  }
});

test('a dataset pooled with itself, however loud, gives its own correlations', () => {
  const weights = audio.map(() => 1 / audio.length);
  const own = momentsOfPairs(audio, image, weights);
  const louder = momentsOfPairs(
    audio.map((row) => row.map((value) => 7 * value)),
    image,
    weights,
  );
  const of = (moments: typeof own) => canonicalCorrelations(moments, { ridge: 0.1, units: 5 }).correlations;
  for (const [i, value] of of(poolMoments(own, louder, 0.4)).entries())
    expect(value).toBeCloseTo(of(own)[i] as number, 6);
});
