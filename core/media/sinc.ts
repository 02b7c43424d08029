/**
 * sin(πx) / πx by + − × ÷ alone, so that every JavaScript engine has the same bits: their own sines differ in the last one. Off by
 * less than 1e-15.
 */
export function sinc(x: number): number {
  if (x === 0) return 1;
  const turn = x - 2 * Math.round(x / 2); // −1 … 1: exact
  const folded = turn > 0.5 ? 1 - turn : turn < -0.5 ? -1 - turn : turn; // the same sine, −½ … ½
  const angle = Math.PI * folded;
  const square = angle * angle;
  let series = 1; // Taylor's, from its last term to its first
  for (let k = 20; k >= 2; k -= 2) series = 1 - (series * square) / (k * (k + 1));
  return (angle * series) / (Math.PI * x);
}
