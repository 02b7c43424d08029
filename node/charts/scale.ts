/** How values lie along an axis. */
export interface Scale {
  /** @returns 0 at the axis' beginning, 1 at its end. */
  position(value: number): number;
  /** Round values, in their order. */
  ticks: number[];
}

/** From one round value to another, four to eight ticks where they differ. */
export function linearScale(min: number, max: number): Scale {
  const unit = roundUnit((max - min || Math.abs(max) || 1) / 6);
  const first = Math.floor(min / unit + 1e-9);
  const last = Math.max(first + 1, Math.ceil(max / unit - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => round((first + i) * unit));
  return between(first * unit, last * unit, (value) => value, ticks);
}

/** From `min` to `max` as they are, with the round values between them. */
export function exactScale(min: number, max: number): Scale {
  const { ticks } = linearScale(min, max);
  return between(
    min,
    max,
    (value) => value,
    ticks.filter((tick) => tick >= min && tick <= max),
  );
}

/** For positive values over more than an order of magnitude; ticks at 1, 2 and 5 times the powers of ten, or at these alone. */
export function logScale(min: number, max: number): Scale {
  const decades = Math.log10(max / min);
  const digits = decades > 3 ? [1] : [1, 2, 5];
  const exponents = Array.from({ length: Math.ceil(decades) + 3 }, (_, i) => Math.floor(Math.log10(min)) + i);
  const all = exponents.flatMap((exponent) => digits.map((digit) => round(digit * 10 ** exponent)));
  const first = all.findLastIndex((tick) => tick <= min);
  const last = all.findIndex((tick) => tick >= max);
  const ticks = all.slice(first, last + 1);
  return between(all[first] as number, all[last] as number, Math.log, ticks);
}

function between(first: number, last: number, along: (value: number) => number, ticks: number[]): Scale {
  const [start, length] = [along(first), along(last) - along(first)];
  return { position: (value) => (along(value) - start) / length, ticks };
}

/** @returns the least of 1, 2 and 5 times a power of ten that is not below. */
function roundUnit(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((digit) => digit * power >= least * (1 - 1e-9)) ?? 10) * power;
}

/** Without the last bits' noise: 0.3, not 0.30000000000000004. */
function round(value: number): number {
  return Number(value.toPrecision(12));
}
