// The Huffman codes of a JPEG (ITU-T T.81, annexes C and F): looked up one by one, or several at a time where they are only passed over.

/** What is put here is taken by the next call: a table as it stands in the file, uint8 `[16]`, the codes of each length, and their symbols. */
export const scratch = memory.data(16 + 256, 16);

/** Bits that find one code, and several. */
const lookBits: i32 = 10;
const passBits: i32 = 12;
const mostBits: i32 = 16;

// Of the four tables, DC 0 and 1, AC 0 and 1, one after the other:
/** As they stand in the file. */
const knownBytes: usize = 16 + 256;
const known = memory.data(4 * 272, 16);
/** uint16 `[1024]`, by the next 10 bits: the symbol and above it the length of its code; 0: there is none so short. */
const looks = memory.data(4 * 2048, 16);
/** int32 `[17]` each, by the length: where its codes end, as 16 bits, and its first symbol's number less its first code. */
const ends = memory.data(4 * 128, 16);
const numbers = memory.data(4 * 128, 16);
/**
 * Of AC, uint16 `[4096]`, by the next 12 bits: what the codes do that are whole in them, the last one with its value, which may go on behind them. The
 * lowest 6 bits say how many they take in all; those above how many coefficients they pass, to which {@link endsBlock} or {@link noCode} is added. So whoever
 * adds that to the coefficients before has less than 63 as long as it simply goes on.
 */
const passes = memory.data(2 * 8192, 16);

export const passedShift: i32 = 6;
export const endsBlock: i32 = 128;
const noCode: i32 = 512;

/** A table, 0 … 3. */
export type Codes = usize;

/** Takes the table in `scratch`. @param codes DC 0 and 1, AC 0 and 1. @returns false for one that makes no sense. */
export function takeTable(codes: Codes): bool {
  const symbols = scratch + 16;
  const table = known + codes * knownBytes;
  let count: usize = 0;
  for (let length: usize = 0; length < 16; length++) count += load<u8>(scratch + length);
  if (count > 256) return false;
  if (count > 0 && memory.compare(table, scratch, 16 + count) == 0) return true; // most pictures have those of the standard

  memory.fill(table, 0, 16); // until all of it has been taken, it is none
  const look = looks + (codes << 11);
  memory.fill(look, 0, 2048);
  let code: i32 = 0;
  let number: i32 = 0;
  for (let length = 1; length <= mostBits; length++) {
    store<i32>(numbers + (codes << 7) + (<usize>length << 2), number - code);
    for (let left: i32 = load<u8>(scratch + length - 1); left > 0; left--, code++, number++) {
      if (code >= 1 << length) return false;
      const symbol = load<u8>(symbols + number);
      if (codes < 2 ? symbol > 11 : (symbol & 15) > 10) return false;
      if (length > lookBits) continue;
      const each = 1 << (lookBits - length);
      for (let i = 0; i < each; i++) store<u16>(look + (<usize>(code * each + i) << 1), <u16>((length << 8) | symbol));
    }
    store<i32>(ends + (codes << 7) + (<usize>length << 2), code << (mostBits - length));
    code <<= 1;
  }
  memory.copy(table, scratch, knownBytes);
  if (codes >= 2) findPasses(codes);
  return true;
}

/** @param bits the next ones, from the left. @returns the symbol, and above 8 bits the length of its code; 0: there is no such code. */
// @ts-ignore: AssemblyScript's decorator
@inline
export function codeOf(codes: Codes, bits: u64): i32 {
  const entry: i32 = load<u16>(looks + (codes << 11) + (<usize>(bits >>> (64 - lookBits)) << 1));
  return entry != 0 ? entry : longCodeOf(codes, <i32>(bits >>> (64 - mostBits)));
}

function longCodeOf(codes: Codes, bits: i32): i32 {
  for (let length = lookBits + 1; length <= mostBits; length++) {
    if (bits >= load<i32>(ends + (codes << 7) + (<usize>length << 2))) continue;
    const number = (bits >> (mostBits - length)) + load<i32>(numbers + (codes << 7) + (<usize>length << 2));
    return (length << 8) | load<u8>(known + codes * knownBytes + 16 + number);
  }
  return 0;
}

/** A run without a value behind it; of 16 zeros there is a code. */
// @ts-ignore: AssemblyScript's decorator
@inline
export function isEndOfBlock(code: i32): bool {
  return (code & 15) == 0 && (code & 0xf0) != 0xf0;
}

/** @returns what the codes do that come next, as `passes` has it. */
// @ts-ignore: AssemblyScript's decorator
@inline
export function passOf(codes: Codes, bits: u64): u64 {
  return load<u16>(passes + ((codes - 2) << 13) + (<usize>(bits >>> (64 - passBits)) << 1));
}

function findPasses(codes: Codes): void {
  for (let start = 0; start < 1 << passBits; start++) {
    let bits: i32 = 0;
    let passed: i32 = 0;
    let hasEnded = false;
    while (!hasEnded && bits < passBits) {
      const code = codeOf(codes, <u64>start << (64 - passBits + bits));
      const length = code >> 8;
      if (code == 0 || bits + length > passBits) break;
      hasEnded = isEndOfBlock(code);
      const more = hasEnded ? 0 : ((code >> 4) & 15) + 1;
      if (passed + more > 63) break;
      passed += more;
      bits += length + (code & 15);
    }
    const added = bits == 0 ? noCode : hasEnded ? endsBlock : 0;
    const entry = bits | ((passed + added) << passedShift);
    store<u16>(passes + ((codes - 2) << 13) + (<usize>start << 1), <u16>entry);
  }
}
