// Coded numbers as a stream of bits, the highest of each byte first. Positions are bits.

let bytes: usize = 0;
export let position: i32 = 0;
/** Of the first bit behind what is there. */
export let end: i32 = 0;

/** @param place of bytes with 8 more that may be read behind them. */
export function openBits(place: usize, length: i32): void {
  bytes = place;
  position = 0;
  end = length << 3;
}

export function moveTo(target: i32): void {
  position = target;
}

/** The bits from there on, the next one highest: 57 of them at least. */
// @ts-ignore: AssemblyScript's decorator
@inline
export function bitsAt(place: i32): u64 {
  return bswap<u64>(load<u64>(bytes + (place >> 3))) << (place & 7);
}

/** @param count from 1 to 32. */
export function read(count: i32): i32 {
  const value = <i32>(bitsAt(position) >>> (64 - count));
  position += count;
  return value;
}
