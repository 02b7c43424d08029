// Huffman codes, and the vectors that they stand for (Vorbis I, section 3).
import { bitsOf, end, peek, position, read, readEnded, skip, stopReading } from './bits.as';
import { allocate } from './memory.as';

/** Codes of at most so many bits are found in one look; others are searched for. */
const fastBits: i32 = 9;
/** Values in one book; real ones have thousands. */
const mostValues: i32 = 1 << 20;

@unmanaged
export class Codebook {
  dimensions: i32;
  entries: i32;
  /** uint32 `[2^fastBits]` by the next bits: the entry << 8 and its code's length; 0: it is longer, or there is none. */
  fast: usize;
  fastMask: u32;
  /** Codes that are longer: uint32 `[longCount]`, their first bit the highest, in ascending order; and what they stand for, as in `fast`. */
  longCodes: usize;
  longEntries: usize;
  longCount: i32;
  /** float32 `[entries, dimensions]`; 0: its entries are numbers. */
  vectors: usize;
}

/** @returns the entry that the next bits stand for; −1 where the packet ends, or nothing has such a code. */
// @ts-ignore: AssemblyScript's decorator
@inline
export function decodeEntry(book: Codebook): i32 {
  const bits = peek();
  let found = load<u32>(book.fast + ((bits & book.fastMask) << 2));
  if (found == 0) found = findLong(book, bits);
  skip(<i32>(found & 255));
  if (found == 0 || position > end) {
    stopReading();
    return -1;
  }
  return <i32>(found >>> 8);
}

function findLong(book: Codebook, bits: u32): u32 {
  const code = reversed(bits);
  let low: i32 = 0;
  let high = book.longCount;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (load<u32>(book.longCodes + (<usize>middle << 2)) <= code) low = middle + 1;
    else high = middle;
  }
  if (low == 0) return 0;
  const place = <usize>(low - 1) << 2;
  const found = load<u32>(book.longEntries + place);
  const isSame = (code ^ load<u32>(book.longCodes + place)) >>> (32 - (found & 255)) == 0;
  return isSame ? found : 0;
}

function reversed(bits: u32): u32 {
  let value = ((bits >>> 1) & 0x55555555) | ((bits & 0x55555555) << 1);
  value = ((value >>> 2) & 0x33333333) | ((value & 0x33333333) << 2);
  value = ((value >>> 4) & 0x0f0f0f0f) | ((value & 0x0f0f0f0f) << 4);
  return bswap(value);
}

/** Reads a book from the setup header. Traps where it makes no sense. */
export function readCodebook(): Codebook {
  if (read(24) != 0x564342) unreachable();
  const book = changetype<Codebook>(allocate(offsetof<Codebook>()));
  book.dimensions = read(16);
  book.entries = read(24);
  if (<i64>book.entries * max(1, book.dimensions) > mostValues) unreachable();
  const lengths = allocate(book.entries);
  readLengths(lengths, book.entries);
  makeCodes(book, lengths);
  const kind = read(4);
  if (kind > 2) unreachable();
  if (kind > 0) readVectors(book, kind);
  if (readEnded()) unreachable();
  return book;
}

/** @param lengths uint8 `[entries]`; 0: the entry is not used. */
function readLengths(lengths: usize, entries: i32): void {
  const isOrdered = read(1);
  if (!isOrdered) {
    const isSparse = read(1);
    for (let entry = 0; entry < entries && !readEnded(); entry++) {
      if (!isSparse || read(1)) store<u8>(lengths + entry, <u8>(read(5) + 1));
    }
    return;
  }
  let length = read(5) + 1;
  for (let entry = 0; entry < entries; length++) {
    const count = <i32>read(bitsOf(entries - entry));
    if (readEnded() || length > 32 || count > entries - entry) unreachable();
    memory.fill(lengths + entry, <u8>length, count);
    entry += count;
  }
}

/** Each entry in turn gets the lowest code of its length that is free: nextFree has it for each length (as libvorbis' `_make_words`). */
function makeCodes(book: Codebook, lengths: usize): void {
  const entries = book.entries;
  let longest: i32 = 0;
  let used: i32 = 0;
  let longCount: i32 = 0;
  for (let entry = 0; entry < entries; entry++) {
    const length = <i32>load<u8>(lengths + entry);
    longest = max(longest, length);
    if (length > 0) used++;
    if (length > fastBits) longCount++;
  }
  const bits = max(1, min(longest, fastBits));
  book.fastMask = (1 << bits) - 1;
  book.fast = allocate(4 << bits);
  book.longCount = longCount;
  book.longCodes = allocate(longCount << 2);
  book.longEntries = allocate(longCount << 2);
  const nextFree = allocate(33 * 4);
  let long: usize = 0;
  for (let entry = 0; entry < entries; entry++) {
    const length = <i32>load<u8>(lengths + entry);
    if (length == 0) continue;
    const code = takeCode(nextFree, length);
    const found = (<u32>entry << 8) | length;
    if (length > fastBits) {
      store<u32>(book.longCodes + long, code << (32 - length));
      store<u32>(book.longEntries + long, found);
      long += 4;
    } else {
      const first = reversed(code << (32 - length));
      for (let at = first; at <= book.fastMask; at += 1 << length) store<u32>(book.fast + (at << 2), found);
    }
  }
  // The only entry of a book has a code of one bit, whichever it is.
  if (used == 1 && longest == 1) store<u32>(book.fast + 4, load<u32>(book.fast));
  sortLong(book);
}

/** Traps where no code of this length is left. */
function takeCode(nextFree: usize, length: i32): u32 {
  const code = load<u32>(nextFree + (length << 2));
  if (length < 32 && code >>> length != 0) unreachable();
  for (let at = length; at > 0; at--) {
    const place = nextFree + (at << 2);
    const free = load<u32>(place);
    if ((free & 1) == 0) {
      store<u32>(place, free + 1);
      continue;
    }
    // The branch is full: on to the next one of the shorter codes.
    store<u32>(place, at == 1 ? free + 1 : load<u32>(place - 4) << 1);
    break;
  }
  let taken = code;
  for (let at = length + 1; at < 33; at++) {
    const place = nextFree + (at << 2);
    const free = load<u32>(place);
    if (free >>> 1 != taken) break;
    taken = free;
    store<u32>(place, load<u32>(place - 4) << 1);
  }
  return code;
}

/** Shell's sort: nothing to be made room for, and quick on what is nearly in order. */
function sortLong(book: Codebook): void {
  const longCodes = book.longCodes;
  const longEntries = book.longEntries;
  const longCount = book.longCount;
  let gap: i32 = 1;
  while (gap < longCount) gap = 3 * gap + 1;
  for (; gap > 0; gap /= 3) {
    for (let i = gap; i < longCount; i++) {
      const code = load<u32>(longCodes + (<usize>i << 2));
      const entry = load<u32>(longEntries + (<usize>i << 2));
      let to = i;
      for (; to >= gap; to -= gap) {
        const before = <usize>(to - gap) << 2;
        if (load<u32>(longCodes + before) <= code) break;
        store<u32>(longCodes + (<usize>to << 2), load<u32>(longCodes + before));
        store<u32>(longEntries + (<usize>to << 2), load<u32>(longEntries + before));
      }
      store<u32>(longCodes + (<usize>to << 2), code);
      store<u32>(longEntries + (<usize>to << 2), entry);
    }
  }
}

/** @param kind 1: each dimension takes one of a few values; 2: every vector's stand there. */
function readVectors(book: Codebook, kind: u32): void {
  const entries = book.entries;
  const dimensions = book.dimensions;
  const least = readFloat();
  const step = readFloat();
  const valueBits = read(4) + 1;
  const isSum = read(1);
  const count = kind == 1 ? rootOf(entries, dimensions) : entries * dimensions;
  const values = allocate(<usize>count << 2);
  for (let i = 0; i < count && !readEnded(); i++) {
    store<f32>(values + (<usize>i << 2), <f32>(<f64>read(valueBits) * step + least));
  }
  book.vectors = allocate((<usize>(entries * dimensions)) << 2);
  let to = book.vectors;
  for (let entry = 0; entry < entries && count > 0; entry++) {
    let rest = entry;
    let before: f32 = 0;
    for (let d = 0; d < dimensions; d++, to += 4) {
      const number = kind == 1 ? rest % count : entry * dimensions + d;
      const value = load<f32>(values + (<usize>number << 2)) + before;
      store<f32>(to, value);
      if (isSum) before = value;
      rest /= count;
    }
  }
}

/** Vorbis I, section 9.2.2. */
function readFloat(): f64 {
  const packed = read(32);
  let value = <f64>(packed & 0x1fffff);
  if (packed >>> 31) value = -value;
  const exponent = <i32>((packed >>> 21) & 1023) - 788;
  return value * powerOfTwo(exponent);
}

function powerOfTwo(exponent: i32): f64 {
  return reinterpret<f64>(<u64>(max(1, min(2046, exponent + 1023))) << 52);
}

/** @returns the greatest number whose power of so many dimensions is at most `entries`. */
function rootOf(entries: i32, dimensions: i32): i32 {
  if (dimensions == 0) return 0;
  let root: i32 = 0;
  for (let power: i64 = 0; power <= entries; root++) {
    power = 1;
    for (let d = 0; d < dimensions && power <= entries; d++) power *= root + 1;
  }
  return root - 1;
}
