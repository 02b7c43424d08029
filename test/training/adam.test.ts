import { expect, test } from 'vitest';
import { Adam } from '../../training/adam.ts';
import { tf } from '../../training/tensorflow/load.ts';

const loss = (a: tf.Variable, b: tf.Variable) => () =>
  tf.add<tf.Scalar>(tf.sum(tf.square(tf.sub(a, [1, -2, 3]))), tf.sum(tf.abs(tf.mul(b, 0.3))));

function variables(): [tf.Variable, tf.Variable] {
  return [
    tf.variable(tf.tensor1d([0.5, 0.5, 0.5])),
    tf.variable(
      tf.tensor2d([
        [1, -1],
        [2, 4],
      ]),
    ),
  ];
}

test('fifty steps go where tfjs’ own Adam goes', () => {
  const [a, b] = variables();
  const [stockA, stockB] = variables();
  const ours = new Adam([a, b]);
  const stock = tf.train.adam(0.01, 0.9, 0.999, 1e-8);
  for (let i = 0; i < 50; i++) {
    ours.minimize(loss(a, b), 0.01).dispose();
    stock.minimize(loss(stockA, stockB), false, [stockA, stockB]);
  }
  for (const [own, other] of [
    [a, stockA],
    [b, stockB],
  ] as const) {
    expect(tf.max(tf.abs(tf.sub(own, other))).dataSync()[0]).toBeLessThan(1e-5);
  }
});

test('an optimizer restored from a saved state goes on to the same bits', () => {
  const [a, b] = variables();
  const first = new Adam([a, b]);
  for (let i = 0; i < 5; i++) first.minimize(loss(a, b), 0.01).dispose();
  const [copyA, copyB] = [tf.variable(a.clone()), tf.variable(b.clone())];
  const second = new Adam([copyA, copyB]);
  second.restore(structuredClone(first.state()));
  for (let i = 0; i < 5; i++) {
    first.minimize(loss(a, b), 0.01).dispose();
    second.minimize(loss(copyA, copyB), 0.01).dispose();
  }
  expect([...copyA.dataSync(), ...copyB.dataSync()]).toEqual([...a.dataSync(), ...b.dataSync()]);
});

test('a step frees every tensor that it makes', () => {
  const [a, b] = variables();
  const adam = new Adam([a, b]);
  adam.minimize(loss(a, b), 0.01).dispose();
  const before = tf.memory().numTensors;
  for (let i = 0; i < 3; i++) adam.minimize(loss(a, b), 0.01).dispose();
  expect(tf.memory().numTensors).toBe(before);
});

// PyTorch 2.15: twenty steps of torch.optim.Adam and AdamW, lr 0.01, weight_decay 0.1 for the matrix and 0 for the vector.
test.each([
  ['l2', [0.8006098, -0.8006098, 1.8004849, 3.8003447]],
  ['decoupled', [0.7820778, -0.7820778, 1.762267, 3.7226455]],
] as const)('weight decay of the kind %s goes where PyTorch’s goes, and leaves vectors alone', (kind, expected) => {
  const [a, b] = variables();
  const adam = new Adam([a, b], { amount: 0.1, kind });
  for (let i = 0; i < 20; i++) adam.minimize(loss(a, b), 0.01).dispose();
  for (const [i, value] of b.dataSync().entries()) expect(value).toBeCloseTo(expected[i] as number, 5);
  for (const [i, value] of a.dataSync().entries())
    expect(value).toBeCloseTo([0.693966, 0.3009928, 0.699007][i] as number, 5);
});

test('a batch taken in parts makes the step of the whole batch', () => {
  const [a, b] = variables();
  const [wholeA, wholeB] = variables();
  const parts = [3, 1, -1].map(
    (target) => (a: tf.Variable, b: tf.Variable) => () =>
      tf.add<tf.Scalar>(tf.sum(tf.square(tf.sub(a, target))), tf.sum(tf.mul(b, target))),
  );
  const inParts = new Adam([a, b]);
  const whole = new Adam([wholeA, wholeB]);
  for (let i = 0; i < 10; i++) {
    for (const part of parts) inParts.accumulate(part(a, b)).dispose();
    inParts.apply(0.05);
    const sum = () => tf.div<tf.Scalar>(tf.addN(parts.map((part) => part(wholeA, wholeB)())), parts.length);
    whole.minimize(sum, 0.05).dispose();
  }
  for (const [own, other] of [
    [a, wholeA],
    [b, wholeB],
  ] as const) {
    expect(tf.max(tf.abs(tf.sub(own, other))).dataSync()[0]).toBeLessThan(1e-6);
  }
});
