/** Never 0 % or 100 %: a model is never that sure. Number and sign stay on one line. */
export function formatPercent(probability: number): string {
  const whole = Math.round(100 * probability);
  if (whole >= 100) return '>\u00a099\u00a0%';
  return whole <= 0 ? '<\u00a01\u00a0%' : `${whole}\u00a0%`;
}
