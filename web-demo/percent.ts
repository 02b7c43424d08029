/** Never 0 % or 100 %: a model is never that sure. */
export function formatPercent(probability: number): string {
  const whole = Math.round(100 * probability);
  if (whole >= 100) return '> 99 %';
  return whole <= 0 ? '< 1 %' : `${whole} %`;
}
