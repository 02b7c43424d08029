/**
 * The quantile of the standard normal distribution, its "probit" (Wichura 1988, algorithm AS 241, PPND7: seven digits).
 *
 * @param share in (0, 1); infinite at its ends.
 */
export function normalQuantile(share: number): number {
  const q = share - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (
      (q * (((59.10937472 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)) /
      (((67.1875636 * r + 78.757757664) * r + 17.895169469) * r + 1)
    );
  }
  const tail = Math.sqrt(-Math.log(q < 0 ? share : 1 - share));
  return Math.sign(q) * (tail === Number.POSITIVE_INFINITY ? tail : ofTail(tail));
}

function ofTail(tail: number): number {
  if (tail <= 5) {
    const r = tail - 1.6;
    return (
      (((0.17023821103 * r + 1.3067284816) * r + 2.75681539) * r + 1.4234372777) /
      ((0.12021132975 * r + 0.7370016425) * r + 1)
    );
  }
  const r = tail - 5;
  return (
    (((0.017337203997 * r + 0.42868294337) * r + 3.081226386) * r + 6.657905115) /
    ((0.012258202635 * r + 0.24197894225) * r + 1)
  );
}

/** The share below `x`: the inverse of {@link normalQuantile}, by bisection. */
export function normalShare(x: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalQuantile(middle) < x) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
