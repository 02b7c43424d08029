import { simdKernels } from './simd/kernels.ts';

/** Values that are looked at in one piece; a multiple of 8. */
const blockLength = 2 ** 13;

/** @returns the highest absolute value; NaN where one is. */
export function peakOf(values: Float32Array): number {
  const kernels = simdKernels(4 * blockLength);
  const block = new Float32Array(kernels.memory.buffer, 0, blockLength);
  let peak = 0;
  for (let start = 0; start < values.length; start += blockLength) {
    const part = values.subarray(start, start + blockLength);
    const padded = 8 * Math.ceil(part.length / 8);
    block.set(part);
    block.fill(0, part.length, padded);
    peak = Math.max(peak, kernels.peak(0, padded));
  }
  return peak;
}
