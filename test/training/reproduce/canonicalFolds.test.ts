import { expect, test } from 'vitest';
import type { Clip } from '#core/datasets/prepared.ts';
import { rocAuc } from '#core/metrics.ts';
import { Random } from '#core/random.ts';
import type { EncodedClip } from '../../../training/correspondence/canonical/encodeClips.ts';
import { foldsOf, judgeCanonicalFolds } from '../../../training/reproduce/experiments/canonicalFolds.ts';

const pictures = 4;

/** Of each clip a cause that its sound shows, and its pictures with `relation` 1; with 0 they show another. */
function clipsOf(relation: 0 | 1, random: Random): EncodedClip[] {
  const normals = (length: number) => Array.from({ length }, () => random.normal());
  const mixes = [6, 5].map((size) => Array.from({ length: 3 }, () => normals(size)));
  const row = (cause: number[], side: number) =>
    Float32Array.from({ length: mixes[side]?.[0]?.length ?? 0 }, (_, i) =>
      cause.reduce((sum, value, k) => sum + value * (mixes[side]?.[k]?.[i] ?? 0), 0.8 * random.normal()),
    );
  return Array.from({ length: 60 }, (_, number) => {
    const [heard, other] = [normals(3), normals(3)];
    return {
      clip: { source: `video ${number}`, categories: [`kind ${number}`] } as Clip,
      sounds: Array.from({ length: 3 }, () => row(heard, 0)),
      pictures: Array.from({ length: pictures }, (_, i) => ({ row: row(relation ? heard : other, 1), window: i % 3 })),
    };
  });
}

function judge(relation: 0 | 1, { categories = true } = {}) {
  const clips = clipsOf(relation, new Random(7));
  const byCategory = categories ? clipsOf(relation, new Random(8)) : [];
  const groupOf = ({ clip }: EncodedClip) => `${Number(clip.source.split(' ')[1]) % 3}`;
  const parts = foldsOf(clips, 5, new Random(9));
  return judgeCanonicalFolds({ parts, byCategory, seed: 0, groupOf, say: () => {} });
}

test('every picture of every clip is judged once with its own sound and once with another clip’s, or another’s of its group', () => {
  const { all, inGroups } = judge(1);
  for (const { moment } of [all, inGroups]) {
    for (const corresponds of [true, false]) {
      const seen = moment.filter((pair) => pair.corresponds === corresponds).map(({ sources }) => sources[1]);
      expect(seen.length).toBe(60 * pictures);
      expect(new Set(seen).size).toBe(60);
    }
    for (const { corresponds, sources } of moment) expect(sources[0] === sources[1]).toBe(corresponds);
  }
  for (const { sources } of inGroups.moment) {
    const [heard, seen] = sources.map((source) => Number(source.split(' ')[1]) % 3);
    expect(heard).toBe(seen);
  }
});

test('what belongs together is found in clips not learnt from, surer of more of a clip; where nothing does, nothing is', () => {
  const { all } = judge(1);
  expect(rocAuc(all.moment)).toBeGreaterThan(0.8);
  expect(rocAuc(all.clip)).toBeGreaterThan(rocAuc(all.moment));
  const unrelated = judge(0).all;
  for (const pairs of Object.values(unrelated)) expect(Math.abs(rocAuc(pairs) - 0.5)).toBeLessThan(0.1);
});

test('so it is from the clips alone', () => {
  expect(rocAuc(judge(1, { categories: false }).all.moment)).toBeGreaterThan(0.8);
  expect(Math.abs(rocAuc(judge(0, { categories: false }).all.moment) - 0.5)).toBeLessThan(0.1);
});
