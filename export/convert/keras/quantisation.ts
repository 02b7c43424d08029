import { z } from 'zod';

/** How the tensorflowjs converter shrinks weights: `value = stored × scale + min`, or float16. */
export const quantisationSchema = z.discriminatedUnion('dtype', [
  z.object({ dtype: z.literal('float16') }),
  z.object({ dtype: z.enum(['uint8', 'uint16']), scale: z.number(), min: z.number() }),
]);
export type Quantisation = z.infer<typeof quantisationSchema>;

export const quantisedBytes = { uint8: 1, uint16: 2, float16: 2 } as const;

/**
 * Computes in float64 and rounds once, as tfjs does.
 *
 * @param whole the numbers are whole ones.
 */
export function dequantise(bytes: Uint8Array<ArrayBuffer>, quantisation: Quantisation, whole: boolean): Float32Array {
  if (quantisation.dtype === 'float16') return Float32Array.from(new Uint16Array(bytes.slice().buffer), halfToNumber);
  const { dtype, scale, min } = quantisation;
  const stored = dtype === 'uint8' ? bytes : new Uint16Array(bytes.slice().buffer);
  return Float32Array.from(stored, (value) => (whole ? Math.round(value * scale + min) : value * scale + min));
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
