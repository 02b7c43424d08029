import { expect, test } from 'vitest';
import type { Clip } from '#core/datasets/prepared.ts';
import { alignmentLoss } from '../../../training/correspondence/alignmentLoss.ts';
import { pairBatch } from '../../../training/correspondence/prepared.ts';
import { tf } from '../../../training/tensorflow/load.ts';

const clip = (key: string, ...categories: string[]) => ({ key, source: key, categories }) as unknown as Clip;

/** As `prepare by-class --categories` makes it where a photo of bells goes with the sounds of church bells and of alarms. */
const sounds = [clip('a', 'church_bells'), clip('b', 'alarm'), clip('c', 'rain')];
const pictures = [clip('p', 'church_bells', 'alarm'), clip('q', 'alarm'), clip('r', 'rain')];
const { belongTogether, mayMismatch } = pairBatch(
  {
    step: 0,
    waveforms: new Float32Array(),
    pictures: new Uint8Array(),
    drawn: {
      sounds: sounds.map((clip) => ({ clip, startSample: 0 })),
      pictures: pictures.map((clip) => ({ clip, picture: 0 })),
      pairs: { audioRows: new Int32Array(), imageRows: new Int32Array(), corresponds: new Int32Array() },
    },
  },
  'same-category',
);

test('a picture of two categories belongs to the sounds of both, whatever sound it was drawn with', () => {
  const table = (is: (i: number, j: number) => boolean) => [0, 1, 2].map((i) => [0, 1, 2].map((j) => Number(is(i, j))));
  expect(table(belongTogether)).toEqual([
    [1, 0, 0],
    [1, 1, 0], // the alarm and the photo of bells, drawn with church bells
    [0, 0, 1],
  ]);
  expect(table(mayMismatch)).toEqual([
    [0, 1, 1],
    [0, 0, 1],
    [1, 1, 0],
  ]);
});

test.each([false, true])(
  'each side is aligned with what belongs to it, not to the other (within sides: %s)',
  (withinSides) => {
    // Sound and picture of a pair along one axis each: a picture that belongs to two sounds is to be near both.
    const axes = tf.eye(3) as tf.Tensor2D;
    const loss = alignmentLoss(axes, axes, {
      belongTogether,
      mayMismatch,
      scale: 1,
      withinSides,
    }).dataSync()[0] as number;
    const e = Math.E;
    const softmax = (same: number, others: number) => [1 - Math.log(same * e + others), -Math.log(same * e + others)];
    const [near, far] = softmax(1, 2) as [number, number];
    const sound = [near, (near + far) / 2, near]; // a: p; b: p and q; c: r
    const picture = [(near + far) / 2, near, near]; // p: a and b; q: b; r: c
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    if (!withinSides) return expect(loss).toBeCloseTo(-mean([...sound, ...picture]), 5);
    // Beside them the other two of the own side: a and b share p, p and q share b; each is at a right angle.
    const [nearOf5, farOf5] = softmax(1, 4) as [number, number];
    const share = (nears: number, fars: number) => (nears * nearOf5 + fars * farOf5) / (nears + fars);
    const each = [share(1, 1), share(1, 2), share(1, 0), share(1, 2), share(1, 1), share(1, 0)];
    return expect(loss).toBeCloseTo(-mean(each), 5);
  },
);
