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
