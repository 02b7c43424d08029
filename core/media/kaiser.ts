/** Kaiser's window at `outward` of the way from its middle to its end, −1 … 1. */
export function kaiser(outward: number, beta: number): number {
  return besselI0(beta * Math.sqrt(1 - outward * outward)) / besselI0(beta);
}

/** The modified Bessel function of order 0: Σ ((x/2)^k / k!)². */
function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-18; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}
