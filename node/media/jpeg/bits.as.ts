// The coded bits between two markers of a JPEG, from the first on. Addresses are bytes.

let input: usize = 0;
let inputEnd: usize = 0;
/**
 * Where the bytes between two markers begin, without the zeros behind those of 255: the first is at the highest address, below this, so that a word
 * has the bits that come first highest.
 */
let top: usize = 0;
let bottom: usize = 0;
/** So many bytes below the bottom may be read before {@link isRead} says that they are none. */
const readOn: usize = 1024;

/** What is not taken yet: bits, the next ones highest; how many there are at least; where the bytes behind them begin. */
export let waiting: u64 = 0;
export let waitingBits: i32 = 0;
export let next: usize = 0;

// @ts-ignore: AssemblyScript's decorator
@inline
export function leave(bits: u64, count: i32, from: usize): void {
  waiting = bits;
  waitingBits = count;
  next = from;
}

/**
 * @returns the bits that wait and those behind them: 56 at least, for a code and its value have 27. Of them `count | 56` count, and what is behind
 *   begins `(63 - count) >> 3` bytes further down. (F. Giesen, "Reading bits in far too many ways, part 2", 2018, variant 4.)
 */
// @ts-ignore: AssemblyScript's decorator
@inline
export function refilled(bits: u64, count: i32, from: usize): u64 {
  return bits | (load<u64>(from - 8) >>> count);
}

/** Has memory up to there. */
export function reach(end: usize): void {
  const missing = <i32>((end + 0xffff) >>> 16) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) unreachable();
}

/** @returns where so many bytes are put: what is coded, from the first byte behind a scan's header to the marker behind it or further. */
export function makeRoom(start: usize, bytes: i32): usize {
  input = (start + 15) & ~15;
  inputEnd = input + bytes;
  top = (inputEnd + readOn + bytes + 31) & ~15;
  reach(top);
  return input;
}

/** Turns to the bytes up to the next marker. @param from default the first. @returns the marker's address; 0: there is none. */
export function turnTo(from: usize = input): usize {
  let to = top;
  const all = i8x16.splat(-1);
  for (;;) {
    while (from + 16 <= inputEnd) {
      const bytes = v128.load(from);
      v128.store(to - 16, v128.shuffle<u8>(bytes, bytes, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
      const taken = ctz(i8x16.bitmask(i8x16.eq(bytes, all)) | 0x10000);
      from += taken;
      to -= taken;
      if (taken < 16) break;
    }
    if (from + 2 > inputEnd) return 0;
    const byte = load<u8>(from);
    if (byte == 0xff && load<u8>(from + 1) != 0) break;
    store<u8>(--to, byte);
    from += byte == 0xff ? 2 : 1;
  }
  v128.store(to - 16, i8x16.splat(0));
  bottom = to;
  leave(0, 0, top);
  return from;
}

/** Whether all has been read to the last byte, and nothing beyond. */
export function isRead(): bool {
  const unread = (<i32>(next - bottom) << 3) + waitingBits;
  return unread >= 0 && unread < 8;
}

/** Whether what is read cannot be right any more. */
// @ts-ignore: AssemblyScript's decorator
@inline
export function isBeyond(): bool {
  return next + 64 < bottom;
}
