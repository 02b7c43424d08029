/** Bits that one look into the table decides. */
export const lookBits = 11;

export interface HuffmanTable {
  /**
   * By the next {@link lookBits}: code length, and the symbol above 8 bits; 0: the code is longer. Codes that decide it together with the
   * value that follows are in `whole`.
   */
  look: Uint16Array;
  /**
   * By the next {@link lookBits}, where they hold a code and the whole value after it: bits in all, above 4 bits the run of zeros, above
   * 8 bits the value (signed); 0: they do not.
   */
  whole: Int32Array;
  /** First code of each length, as 16 bits from the left; a code below the next length's limit has this length. */
  limit: Int32Array;
  /** Of a length: position of its first symbol less its first code. */
  offset: Int32Array;
  symbols: Uint8Array;
}

/**
 * @param counts `[16]`: codes of each length, from 1 bit on.
 * @param symbols in the order of their codes.
 */
export function buildHuffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const look = new Uint16Array(1 << lookBits);
  const whole = new Int32Array(1 << lookBits);
  const limit = new Int32Array(18);
  const offset = new Int32Array(17);
  let code = 0;
  let position = 0;
  for (let length = 1; length <= 16; length++) {
    offset[length] = position - code;
    for (let i = 0; i < (counts[length - 1] as number); i++, code++, position++) {
      if (length > lookBits) continue;
      const first = code << (lookBits - length);
      const symbol = symbols[position] as number;
      look.fill((symbol << 8) | length, first, first + (1 << (lookBits - length)));
      addWhole(whole, { first, length, symbol });
    }
    limit[length] = code << (16 - length);
    code <<= 1;
  }
  limit[17] = 0x10000;
  return { look, whole, limit, offset, symbols };
}

function addWhole(
  whole: Int32Array,
  { first, length, symbol }: { first: number; length: number; symbol: number },
): void {
  const size = symbol & 15;
  const rest = lookBits - length - size;
  if (size === 0 || rest < 0) return;
  for (let bits = 0; bits < 1 << size; bits++) {
    const value = bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
    const entry = (value << 8) | (symbol & 0xf0) | (length + size);
    const start = first + (bits << rest);
    whole.fill(entry, start, start + (1 << rest));
  }
}
