import { expect, test } from 'vitest';
import { InputError } from '#core/errors.ts';
import { Random } from '#core/random.ts';
import { createLossGuard } from '../../../training/run/lossGuard.ts';

const settings = { learningRate: 3e-3, warmup: 0.03, weightDecay: { amount: 0 } };

/** Shows the guard a loss every 20 steps. */
function watch(losses: Iterable<number>): void {
  const guard = createLossGuard(settings);
  let step = 0;
  for (const loss of losses) {
    step += 20;
    guard.check(step, loss);
  }
}

/** A loss that falls from `start` to `end`, noisy, with a bad batch now and then. */
function* falling({ start, end, seed }: { start: number; end: number; seed: number }) {
  const random = new Random(seed);
  for (let i = 0; i < 1000; i++) {
    const mean = end + (start - end) * Math.exp(-i / 100);
    const spike = random.uniform() < 0.01 ? random.uniform(2, 100) : 1;
    yield mean * spike * Math.exp(0.5 * random.normal());
  }
}

test('a run that learns is never stopped, from whatever loss it begins', () => {
  for (let seed = 0; seed < 50; seed++) {
    watch(falling({ start: 0.69, end: 0.1, seed })); // matched or not, at chance
    watch(falling({ start: 5, end: 0.5, seed })); // with the alignment loss of a batch of 64
    watch(falling({ start: 3.9, end: 0.01, seed })); // 50 classes, at chance
    watch(falling({ start: 15, end: 1, seed })); // 50 classes, sure of the wrong ones
    watch(falling({ start: 2000, end: 1, seed })); // weights far too large at first
  }
  watch([0.69, 0.68, 0.69, ...Array(300).fill(Math.LN2), 0.5, 0.1, 0.01, 0.9, 0.01]);
});

test('a loss that is no number or infinite stops the run at its step, and the message says when it was sound', () => {
  for (const loss of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => watch([0.7, 0.41, loss])).toThrow(InputError);
    expect(() => watch([0.7, 0.41, loss])).toThrow(`The loss is ${loss} at step 60; it was 0.41 at step 40.`);
    expect(() => watch([loss])).toThrow(`The loss is ${loss} at step 20.`);
  }
});

test('a loss that explodes stops the run within three reports, before it is no number', () => {
  expect(() => watch([0.7, 0.6, 0.5, 8, 90, 1200, 15_000])).toThrow('is up to 15000 at step 140; it was 8 at step 80');
  expect(() => watch([15, 4, 3, 160, 170, 180])).toThrow('is up to 180 at step 120');
});

test('the message suggests settings that differ from the run’s own', () => {
  const message = (changed: object) => {
    try {
      createLossGuard({ ...settings, ...changed }).check(20, Number.NaN);
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(message({})).toMatch(/learningRate=0.001 .*warmup=0.1 .*weightDecay.amount=0.01 /s);
  expect(message({ warmup: 0.1, weightDecay: { amount: 0.05 } })).not.toMatch(/warmup=|weightDecay/);
});
