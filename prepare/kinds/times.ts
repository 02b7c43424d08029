/** Of a year: what is longer is a date, or no number. */
const longestSeconds = 365 * 86_400;

/**
 * A time as people write it: seconds (`0.4`, `0,4`, `0.4s`, `1e-1`), milliseconds with their unit (`400 ms`), or minutes and hours before
 * the seconds (`1:02.5`, `0:01:02,5`).
 *
 * @returns seconds; null: it is no such time.
 */
export function parseSeconds(text: string): number | null {
  const [, sign, before, number, unit] =
    /^([-−])?(\d+:(?:\d{1,2}:)?)?(\d+(?:[.,]\d*)?(?:e-?\d+)?|[.,]\d+)\s*(ms|milliseconds?|s|secs?|seconds?)?$/i.exec(
      text.trim(),
    ) ?? [];
  if (number === undefined) return null;
  const value = Number(number.replace(',', '.'));
  const [minutes = 0, hours = 0] = (before ?? '').split(':').slice(0, -1).map(Number).reverse();
  if (before !== undefined && (value >= 60 || (hours > 0 && minutes >= 60) || /^m/i.test(unit ?? ''))) return null;
  const seconds = /^m/i.test(unit ?? '') ? value / 1000 : value;
  if (seconds > longestSeconds) return null;
  // To the microsecond, so that 0:00.3 is 0.3.
  return (sign ? -1 : 1) * (Math.round(1e6 * (seconds + 60 * minutes + 3600 * hours)) / 1e6);
}
