// Decodes a JPEG (ITU-T T.81) at an eighth of its size, in AssemblyScript, which reads like TypeScript and becomes WebAssembly.
// `node bin/compileWasm.mjs` compiles it into `binary.ts`. A pixel is the mean of those that it stands for, made of its block's lowest
// frequencies; all others are only counted, several codes at a time. Of a progressive one the lowest alone is taken, the blocks' means, which
// have scans of their own. Addresses are bytes. Whatever is not as it should be gives false.

/** What `scratch` holds for the calls that follow: a table as it stands in the file. */
const table = memory.data(16 + 256, 16);

/** uint16 `[4, 65536]`, DC 0 and 1, AC 0 and 1: by the next 16 bits, the symbol and above it the length of its code; 0: there is no such code. */
const single: usize = (__heap_base + 15) & ~15;
/** Of AC, uint16 `[2, 4096]`, by the next 12 bits: what the codes that are whole in them do, with the bits that follow each; 0: none is whole. */
const several: usize = single + 4 * 65536 * 2;
const tablesEnd: usize = several + 2 * 4096 * 2;
const severalBits: i32 = 12;
// Such an entry's parts: how many bits they take, how many coefficients they pass, whether the block ends.
const bitsMask: i32 = 15;
const passedShift: i32 = 4;
const passedMask: i32 = 63;
const endShift: i32 = 10;

/** uint8 `[64]`: where the coefficients of the file's order stand, rows of 8. */
const zigzag = memory.data<u8>([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43,
  36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
]);

/** A colour's plane, and how it is coded. */
@unmanaged
class Component {
  /** Blocks in a unit, across and down. */
  across: i32;
  down: i32;
  /** Pixels that are made of a block, across and down. */
  width: i32;
  height: i32;
  /** Tables. */
  dc: usize;
  ac: usize;
  acSeveral: usize;
  /** float32 `[64]`, in the file's order. */
  quantisation: usize;
  /** float32 `[8, 8]` each: what a frequency adds to a pixel. */
  basisAcross: usize;
  basisDown: usize;
  /** Number of the last coefficient in the file's order that is wanted. */
  last: i32;
  /** Of the last block. */
  dcValue: i32;
  /** uint8 `[height, width]` of all units. */
  plane: usize;
  /** int32 `[blocksDown, blocksAcross]` of all units, of a progressive picture: each block's lowest frequency, so far as it is known. */
  lowest: usize;
  blocksAcross: i32;
}

const components = memory.data(3 * 64, 16);
const quantisations = memory.data(3 * 64 * 4, 16);
const bases = memory.data(6 * 64 * 4, 16);
/** float32 `[8, 8]` each: a block's coefficients, and half way to its pixels. */
const block = memory.data(64 * 4, 16);
const halfWay = memory.data(64 * 4, 16);

// @ts-ignore: AssemblyScript's decorator
@inline
function componentOf(i: i32): Component {
  return changetype<Component>(components + <usize>i * 64);
}

/** @returns where a table is put, before it is told. */
export function scratch(): usize {
  reach(tablesEnd);
  return table;
}

/** Takes a Huffman table: uint8 `[16]`, the codes of each length, and their symbols. @param place DC 0 and 1, AC 0 and 1. */
export function huffman(place: i32): bool {
  const codes = single + (<usize>place << 17);
  memory.fill(codes, 0, 1 << 17);
  let symbol = table + 16;
  let next: i32 = 0; // of the 65536 that 16 bits can be
  for (let length = 1; length <= 16; length++) {
    const each = 1 << (16 - length);
    for (let left: i32 = load<u8>(table + length - 1); left > 0; left--, symbol++) {
      if (next + each > 65536) return false;
      const value = load<u8>(symbol);
      if (place < 2 ? value > 11 : (value & 15) > 10) return false;
      const entry = <u16>((length << 8) | value);
      for (const end = next + each; next < end; next++) store<u16>(codes + (<usize>next << 1), entry);
    }
  }
  if (place >= 2) findSeveral(codes, several + (<usize>(place - 2) << 13));
  return true;
}

function findSeveral(codes: usize, found: usize): void {
  for (let start = 0; start < 1 << severalBits; start++) {
    let bits: i32 = 0;
    let passed: i32 = 0;
    let ends: i32 = 0;
    while (ends == 0) {
      const entry: i32 = load<u16>(codes + (<usize>((start << (16 - severalBits + bits)) & 0xffff) << 1));
      const taken = (entry >> 8) + (entry & 15);
      const isEnd = isEndOfBlock(entry);
      const more = isEnd ? 0 : ((entry >> 4) & 15) + 1;
      if (entry == 0 || bits + taken > severalBits || passed + more > passedMask) break;
      bits += taken;
      passed += more;
      ends = i32(isEnd);
    }
    store<u16>(found + (<usize>start << 1), <u16>(bits | (passed << passedShift) | (ends << endShift)));
  }
}

/** A run without a value behind it; of 16 zeros there is a code. */
// @ts-ignore: AssemblyScript's decorator
@inline
function isEndOfBlock(entry: i32): bool {
  return (entry & 15) == 0 && (entry & 0xf0) != 0xf0;
}

/**
 * Takes a component and its quantisation: uint16 `[64]` in the file's order.
 *
 * @param width of what is made of a block, a power of two up to 8, as is `height`: 1, and more where the component has fewer blocks than others.
 */
export function component(i: i32, across: i32, down: i32, width: i32, height: i32, dc: i32, ac: i32): void {
  const it = componentOf(i);
  it.across = across;
  it.down = down;
  it.width = width;
  it.height = height;
  it.dc = single + (<usize>dc << 17);
  it.ac = single + (<usize>(2 + ac) << 17);
  it.acSeveral = several + (<usize>ac << 13);
  it.quantisation = quantisations + <usize>i * 256;
  it.basisAcross = bases + <usize>i * 512;
  it.basisDown = it.basisAcross + 256;
  makeBasis(it.basisAcross, width);
  makeBasis(it.basisDown, height);
  it.last = 0;
  for (let k = 0; k < 64; k++) {
    store<f32>(it.quantisation + (<usize>k << 2), <f32>load<u16>(table + (<usize>k << 1)));
    const place: i32 = load<u8>(zigzag + k);
    if ((place & 7) < width && place >> 3 < height) it.last = k;
  }
}

/** The inverse cosine transform (T.81, A.3.3), its values' mean over the pixels that one stands for. */
function makeBasis(basis: usize, pixels: i32): void {
  const each = 8 / pixels;
  for (let x = 0; x < pixels; x++) {
    for (let u = 0; u < pixels; u++) {
      let sum: f64 = 0;
      for (let n = x * each; n < (x + 1) * each; n++) sum += Math.cos(((2 * n + 1) * u * Math.PI) / 16);
      const scale = u == 0 ? Math.SQRT1_2 / 2 : 0.5;
      store<f32>(basis + (<usize>(8 * x + u) << 2), <f32>((scale * sum) / each));
    }
  }
}

/** Bytes from one plane to the next, and from one row of it to the next. */
let planeBytes: i32 = 0;
let stride: i32 = 0;
let inputStart: usize = 0;
let input: usize = 0;
let inputEnd: usize = 0;
/** The bytes between two markers, each word's highest first. */
let words: usize = 0;
let wordsEnd: usize = 0;

/**
 * Makes room for a picture's planes, all of the same size.
 *
 * @param count components.
 * @param unitsAcross units, of which each has its blocks of every component.
 */
export function begin(count: i32, unitsAcross: i32, unitsDown: i32, isProgressive: bool): void {
  const first = componentOf(0);
  stride = unitsAcross * first.across * first.width;
  planeBytes = stride * unitsDown * first.down * first.height;
  let end = tablesEnd;
  for (let i = 0; i < count; i++, end += planeBytes) componentOf(i).plane = end;
  end = (end + 15) & ~15;
  if (isProgressive) {
    const lowest = end;
    for (let i = 0; i < count; i++) {
      const it = componentOf(i);
      it.blocksAcross = unitsAcross * it.across;
      it.lowest = end;
      end += <usize>(it.blocksAcross * unitsDown * it.down) << 2;
    }
    reach(end);
    memory.fill(lowest, 0, end - lowest);
  }
  inputStart = (end + 15) & ~15;
}

/** @returns where so many bytes are put: what is coded, from the first byte behind a scan's header to the marker behind it or further. */
export function take(bytes: i32): usize {
  input = inputStart;
  inputEnd = input + bytes;
  words = (inputEnd + 31) & ~15;
  reach(words + bytes + 1024);
  return input;
}

function reach(end: usize): void {
  const missing = <i32>((end + 0xffff) >>> 16) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) unreachable();
}

/** What is not read yet of the words: bits, the next ones highest; how many there are; the next word. */
let waiting: u64 = 0;
let waitingBits: i32 = 0;
let next: usize = 0;

/** Decodes the one scan of a picture that is not progressive, of all components. Behind it the picture ends. */
export function decode(count: i32, unitsAcross: i32, unitsDown: i32, restartUnits: i32): bool {
  const units = unitsAcross * unitsDown;
  let at = input;
  for (let unit = 0, restarts = 0; unit < units; ) {
    at = takeUpToMarker(at);
    if (at == 0) return false;
    for (let i = 0; i < count; i++) componentOf(i).dcValue = 0;
    const end = restartUnits > 0 ? min(units, unit + restartUnits) : units;
    for (; unit < end; unit++) {
      if (!decodeUnit(count, unit % unitsAcross, unit / unitsAcross)) return false;
    }
    if (!isRead()) return false;
    const marker = load<u8>(at + 1);
    if (marker != (unit < units ? 0xd0 | (restarts++ & 7) : 0xd9)) return false;
    at += 2;
  }
  return true;
}

/**
 * Decodes a progressive picture's scan of the lowest frequencies.
 *
 * @param parts a bit for each component that it has.
 * @param unitsAcross units of it, as is `unitsDown`: of a single component those are blocks.
 * @param isFirst whether nothing is known of them; else this is their next bit.
 * @param missing how many bits come later.
 */
export function decodeLowest(
  parts: i32, unitsAcross: i32, unitsDown: i32, restartUnits: i32, isFirst: bool, missing: i32,
): bool {
  const units = unitsAcross * unitsDown;
  let at = input;
  for (let unit = 0, restarts = 0; unit < units; ) {
    at = takeUpToMarker(at);
    if (at == 0) return false;
    for (let i = 0; i < 3; i++) componentOf(i).dcValue = 0;
    const end = restartUnits > 0 ? min(units, unit + restartUnits) : units;
    for (; unit < end; unit++) {
      if (!decodeLowestOfUnit(parts, unit % unitsAcross, unit / unitsAcross, isFirst, missing)) return false;
    }
    if (!isRead()) return false;
    if (unit < units && load<u8>(at + 1) != (0xd0 | (restarts++ & 7))) return false;
    at += 2;
  }
  return true;
}

/** Whether what came before the marker has been read to its last byte, and nothing beyond. */
function isRead(): bool {
  const unread = (<i32>(wordsEnd - next) << 3) + waitingBits;
  return unread >= 0 && unread < 8;
}

/** @returns the next marker's address; 0: there is none. What comes before it is put into the words, without the zeros behind bytes of 255. */
function takeUpToMarker(from: usize): usize {
  let to = words;
  const all = i8x16.splat(-1);
  for (;;) {
    while (from + 16 <= inputEnd) {
      const bytes = v128.load(from);
      v128.store(to, bytes);
      const skipped = ctz(i8x16.bitmask(i8x16.eq(bytes, all)) | 0x10000);
      from += skipped;
      to += skipped;
      if (skipped < 16) break;
    }
    if (from + 2 > inputEnd) return 0;
    const byte = load<u8>(from);
    if (byte == 0xff && load<u8>(from + 1) != 0) break;
    store<u8>(to++, byte);
    from += byte == 0xff ? 2 : 1;
  }
  wordsEnd = to;
  v128.store(to, i8x16.splat(0));
  for (let at = words; at < to; at += 16) {
    const bytes = v128.load(at);
    v128.store(at, v128.shuffle<u8>(bytes, bytes, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
  }
  next = words;
  waiting = 0;
  waitingBits = 0;
  return from;
}

function decodeUnit(count: i32, unitX: i32, unitY: i32): bool {
  for (let i = 0; i < count; i++) {
    const it = componentOf(i);
    for (let y = 0; y < it.down; y++) {
      const row = it.plane + <usize>((unitY * it.down + y) * it.height * stride);
      for (let x = 0; x < it.across; x++) {
        if (!decodeBlock(it, row + <usize>((unitX * it.across + x) * it.width))) return false;
      }
    }
  }
  return true;
}

function decodeLowestOfUnit(parts: i32, unitX: i32, unitY: i32, isFirst: bool, missing: i32): bool {
  const isSingle = (parts & (parts - 1)) == 0;
  for (let i = 0; parts >> i > 0; i++) {
    if (!((parts >> i) & 1)) continue;
    const it = componentOf(i);
    const across = isSingle ? 1 : it.across;
    const down = isSingle ? 1 : it.down;
    for (let y = 0; y < down; y++) {
      for (let x = 0; x < across; x++) {
        const place = it.lowest + (<usize>((unitY * down + y) * it.blocksAcross + unitX * across + x) << 2);
        if (!decodeLowestOfBlock(it, place, isFirst, missing)) return false;
      }
    }
  }
  return true;
}

/** @param place of what is known of it (T.81, G.1.2.1). */
function decodeLowestOfBlock(it: Component, place: usize, isFirst: bool, missing: i32): bool {
  if (next > wordsEnd + 64) return false;
  if (waitingBits < 32) {
    waiting |= <u64>load<u32>(next) << (32 - waitingBits);
    next += 4;
    waitingBits += 32;
  }
  if (!isFirst) {
    store<i32>(place, load<i32>(place) | <i32>((waiting >>> 63) << missing));
    waiting <<= 1;
    waitingBits--;
    return true;
  }
  const entry: i32 = load<u16>(it.dc + (<usize>(waiting >>> 48) << 1));
  if (entry == 0) return false;
  const size = entry & 255;
  waiting <<= entry >> 8;
  it.dcValue += valueOf(waiting, size);
  waiting <<= size;
  waitingBits -= (entry >> 8) + size;
  store<i32>(place, it.dcValue << missing);
  return true;
}

/** Of a progressive picture: all blocks' lowest frequencies → the components' planes. */
export function fillPlanes(count: i32, unitsAcross: i32, unitsDown: i32): void {
  for (let i = 0; i < count; i++) {
    const it = componentOf(i);
    const scale: f32 = 0.125 * load<f32>(it.quantisation);
    let from = it.lowest;
    for (let y = 0; y < unitsDown * it.down; y++) {
      let pixels = it.plane + <usize>(y * it.height * stride);
      for (let x = 0; x < it.blocksAcross; x++, from += 4, pixels += it.width) {
        fill(it, pixels, toByte(<f32>load<i32>(from) * scale + 128));
      }
    }
  }
}

/** @param pixels of the block in its component's plane. */
function decodeBlock(it: Component, pixels: usize): bool {
  if (next > wordsEnd + 64) return false;
  let bits = waiting;
  let count = waitingBits;
  let from = next;
  if (count < 32) {
    bits |= <u64>load<u32>(from) << (32 - count);
    from += 4;
    count += 32;
  }
  let entry: i32 = load<u16>(it.dc + (<usize>(bits >>> 48) << 1));
  if (entry == 0) return false;
  let size = entry & 255;
  bits <<= entry >> 8;
  it.dcValue += valueOf(bits, size);
  bits <<= size;
  count -= (entry >> 8) + size;
  const dc = <f32>it.dcValue * load<f32>(it.quantisation);

  const last = it.last;
  let isFlat = true;
  let k: i32 = 0;
  if (last > 0) clear(<usize>it.height << 5);
  while (k < 63) {
    if (count < 32) {
      bits |= <u64>load<u32>(from) << (32 - count);
      from += 4;
      count += 32;
    }
    if (k >= last) {
      const found: i32 = load<u16>(it.acSeveral + (<usize>(bits >>> (64 - severalBits)) << 1));
      const ends = found >> endShift;
      const passed = k + ((found >> passedShift) & passedMask);
      if (found != 0 && passed + ends <= 63) {
        bits <<= found & bitsMask;
        count -= found & bitsMask;
        k = passed;
        if (ends) break;
        continue;
      }
    }
    entry = load<u16>(it.ac + (<usize>(bits >>> 48) << 1));
    if (entry == 0) return false;
    size = entry & 15;
    bits <<= entry >> 8;
    count -= (entry >> 8) + size;
    if (isEndOfBlock(entry)) break;
    k += ((entry >> 4) & 15) + 1;
    if (k > 63) return false;
    if (k <= last) {
      const place: i32 = load<u8>(zigzag + k);
      if (size > 0 && (place & 7) < it.width && place >> 3 < it.height) {
        store<f32>(block + (<usize>place << 2), <f32>valueOf(bits, size) * load<f32>(it.quantisation + (<usize>k << 2)));
        isFlat = false;
      }
    }
    bits <<= size;
  }
  waiting = bits;
  waitingBits = count;
  next = from;

  if (isFlat) fill(it, pixels, toByte(dc * 0.125 + 128));
  else {
    store<f32>(block, dc);
    transform(it, pixels);
  }
  return true;
}

// @ts-ignore: AssemblyScript's decorator
@inline
function clear(bytes: usize): void {
  for (let at = block; at < block + bytes; at += 16) v128.store(at, i8x16.splat(0));
}

/** The value that is coded in the highest `size` bits (T.81, F.2.2.1), without a branch; of none it is 0. */
// @ts-ignore: AssemblyScript's decorator
@inline
function valueOf(bits: u64, size: i32): i32 {
  const value = <i32>((bits >>> 1) >>> (63 - size));
  return value + select<i32>(1 - (1 << size), 0, value < (1 << size) >> 1);
}

// @ts-ignore: AssemblyScript's decorator
@inline
function toByte(value: f32): u8 {
  return <u8>max<f32>(0, min<f32>(255, value + 0.5));
}

function fill(it: Component, pixels: usize, value: u8): void {
  for (let y = 0; y < it.height; y++, pixels += stride) {
    for (let x = 0; x < it.width; x++) store<u8>(pixels + x, value);
  }
}

function transform(it: Component, pixels: usize): void {
  for (let v = 0; v < it.height; v++) {
    const frequencies = block + (<usize>v << 5);
    for (let x = 0; x < it.width; x++) {
      store<f32>(halfWay + (<usize>(8 * x + v) << 2), product(frequencies, it.basisAcross + (<usize>x << 5), it.width));
    }
  }
  for (let y = 0; y < it.height; y++, pixels += stride) {
    const basis = it.basisDown + (<usize>y << 5);
    for (let x = 0; x < it.width; x++) {
      store<u8>(pixels + x, toByte(product(halfWay + (<usize>x << 5), basis, it.height) + 128));
    }
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function product(a: usize, b: usize, count: i32): f32 {
  let sum: f32 = 0;
  for (const end = a + (<usize>count << 2); a < end; a += 4, b += 4) sum += load<f32>(a) * load<f32>(b);
  return sum;
}

/**
 * Luma and two chromas → red, green and blue (JFIF 1.02), or luma alone → grey.
 *
 * @returns where the pixels are: uint8 `[height, width, 3]`.
 */
export function colours(count: i32, width: i32, height: i32): usize {
  const pixels = inputStart; // what was coded is not needed any more
  reach(pixels + <usize>(3 * width * height) + 16);
  let to = pixels;
  for (let y = 0; y < height; y++) {
    let luma = componentOf(0).plane + <usize>(y * stride);
    let blue = luma + planeBytes;
    let red = blue + planeBytes;
    for (const end = luma + width; luma < end; luma++, blue++, red++, to += 3) {
      const grey = <f32>load<u8>(luma);
      const b: f32 = count == 1 ? 0 : <f32>load<u8>(blue) - 128;
      const r: f32 = count == 1 ? 0 : <f32>load<u8>(red) - 128;
      store<u8>(to, toByte(grey + 1.402 * r));
      store<u8>(to, toByte(grey - 0.344136 * b - 0.714136 * r), 1);
      store<u8>(to, toByte(grey + 1.772 * b), 2);
    }
  }
  return pixels;
}
