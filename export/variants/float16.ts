/** The largest finite number of IEEE 754's binary16; what is larger becomes infinite. */
export const largestHalf = 65504;

/** The smallest above 0. */
export const smallestHalf = 2 ** -24;

const bits = new DataView(new ArrayBuffer(4));

/** @returns the bits of each number in IEEE 754's binary16, rounded to the nearest, ties to even. */
export function toHalves(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, toHalf);
}

function toHalf(value: number): number {
  bits.setFloat32(0, value);
  const single = bits.getUint32(0);
  const sign = (single >>> 16) & 0x8000;
  const magnitude = single & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // rounds to 65520 or more: infinite
  if (magnitude < 0x38800000) {
    // Below 2^-14 halves are the multiples of 2^-24.
    bits.setUint32(0, magnitude);
    return sign | roundEven(bits.getFloat32(0) * 2 ** 24);
  }
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13);
}

function roundEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
