import { elementCount } from '#core/elementCount.ts';

/** real = (whole − zeroPoint) × scale. */
export interface Scale {
  scale: number;
  zeroPoint: number;
}

export interface Range {
  min: number;
  max: number;
}

/** uint8 over all of a range, made to hold 0 exactly: padding is 0. */
export function uint8Scale(range: Range): Scale {
  const min = Math.min(0, range.min);
  const max = Math.max(0, range.max);
  const scale = Math.fround((max - min) / 255) || 1;
  return { scale, zeroPoint: Math.min(255, Math.max(0, Math.round(-min / scale))) };
}

/**
 * Weights as int8, symmetric around the zero point, a scale for each output channel.
 *
 * @param values row-major, of `dims`.
 * @param axis of the output channels.
 * @param leastScale of each channel: so that a bias fits int32.
 * @param zeroPoint 0 or −1.
 */
export function int8Weights(
  values: Float32Array,
  {
    dims,
    axis,
    leastScale,
    zeroPoint = 0,
  }: { dims: number[]; axis: number; leastScale?: Float64Array; zeroPoint?: number },
): { whole: Int8Array; scales: Float32Array } {
  const channels = dims[axis] as number;
  const inner = elementCount(dims.slice(axis + 1));
  const channelOf = (i: number) => Math.floor(i / inner) % channels;
  const largest = new Float64Array(channels);
  for (let i = 0; i < values.length; i++) {
    const channel = channelOf(i);
    largest[channel] = Math.max(largest[channel] as number, Math.abs(values[i] as number));
  }
  const scales = Float32Array.from(largest, (most, channel) => Math.max(most / 127, leastScale?.[channel] ?? 0) || 1);
  const whole = Int8Array.from(values, (value, i) => {
    return Math.max(-127, Math.min(127, Math.round(value / (scales[channelOf(i)] as number)))) + zeroPoint;
  });
  return { whole, scales };
}
