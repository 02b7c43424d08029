/**
 * What multiplies the values before {@link inverseDct}: quantization, and the factors that the fast transform leaves out
 * (Arai, Agui & Nakajima 1988).
 *
 * @param zigzag positions in a block, in the order of the file. @returns `[64]` in the order of the file.
 */
export function dctScale(quantization: Uint16Array, zigzag: Uint8Array): Float64Array {
  return Float64Array.from(quantization, (step, k) => {
    const position = zigzag[k] as number;
    return (step * (factors[position >> 3] as number) * (factors[position & 7] as number)) / 8;
  });
}

const factors = Float64Array.from({ length: 8 }, (_, k) => (k === 0 ? 1 : Math.SQRT2 * Math.cos((k * Math.PI) / 16)));
const c4 = Math.SQRT2;
const c2 = 2 * Math.cos(Math.PI / 8);
const c2MinusC6 = 2 * (Math.cos(Math.PI / 8) - Math.cos((3 * Math.PI) / 8));
const c2PlusC6 = 2 * (Math.cos(Math.PI / 8) + Math.cos((3 * Math.PI) / 8));

/** Writes the block's pixels, and zeros into the block. @param plane of values 0 … 255, `stride` a row. */
export function inverseDct(block: Float64Array, plane: Uint8ClampedArray, start: number, stride: number): void {
  for (let i = 0; i < 8; i++) {
    const d1 = block[8 + i] as number;
    const d2 = block[16 + i] as number;
    const d3 = block[24 + i] as number;
    const d4 = block[32 + i] as number;
    const d5 = block[40 + i] as number;
    const d6 = block[48 + i] as number;
    const d7 = block[56 + i] as number;
    const d0 = block[i] as number;
    if (d1 === 0 && d2 === 0 && d3 === 0 && d4 === 0 && d5 === 0 && d6 === 0 && d7 === 0) {
      if (d0 === 0) continue;
      for (let j = i + 8; j < 64; j += 8) block[j] = d0;
      continue;
    }
    const t10 = d0 + d4;
    const t11 = d0 - d4;
    const t13 = d2 + d6;
    const t12 = (d2 - d6) * c4 - t13;
    const e0 = t10 + t13;
    const e3 = t10 - t13;
    const e1 = t11 + t12;
    const e2 = t11 - t12;
    const z13 = d5 + d3;
    const z10 = d5 - d3;
    const z11 = d1 + d7;
    const z12 = d1 - d7;
    const o7 = z11 + z13;
    const z5 = (z10 + z12) * c2;
    const o6 = z5 - z10 * c2PlusC6 - o7;
    const o5 = (z11 - z13) * c4 - o6;
    const o4 = z5 - z12 * c2MinusC6 - o5;
    block[i] = e0 + o7;
    block[56 + i] = e0 - o7;
    block[8 + i] = e1 + o6;
    block[48 + i] = e1 - o6;
    block[16 + i] = e2 + o5;
    block[40 + i] = e2 - o5;
    block[24 + i] = e3 + o4;
    block[32 + i] = e3 - o4;
  }
  for (let i = 0, to = start; i < 64; i += 8, to += stride) {
    const d0 = (block[i] as number) + 128;
    const d1 = block[i + 1] as number;
    const d2 = block[i + 2] as number;
    const d3 = block[i + 3] as number;
    const d4 = block[i + 4] as number;
    const d5 = block[i + 5] as number;
    const d6 = block[i + 6] as number;
    const d7 = block[i + 7] as number;
    const t10 = d0 + d4;
    const t11 = d0 - d4;
    const t13 = d2 + d6;
    const t12 = (d2 - d6) * c4 - t13;
    const e0 = t10 + t13;
    const e3 = t10 - t13;
    const e1 = t11 + t12;
    const e2 = t11 - t12;
    const z13 = d5 + d3;
    const z10 = d5 - d3;
    const z11 = d1 + d7;
    const z12 = d1 - d7;
    const o7 = z11 + z13;
    const z5 = (z10 + z12) * c2;
    const o6 = z5 - z10 * c2PlusC6 - o7;
    const o5 = (z11 - z13) * c4 - o6;
    const o4 = z5 - z12 * c2MinusC6 - o5;
    plane[to] = e0 + o7;
    plane[to + 7] = e0 - o7;
    plane[to + 1] = e1 + o6;
    plane[to + 6] = e1 - o6;
    plane[to + 2] = e2 + o5;
    plane[to + 5] = e2 - o5;
    plane[to + 3] = e3 + o4;
    plane[to + 4] = e3 - o4;
  }
  block.fill(0);
}
