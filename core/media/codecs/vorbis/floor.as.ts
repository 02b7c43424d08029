// Floors of type 1: a spectrum's envelope, drawn straight between some points, in decibels (Vorbis I, section 7). No encoder since 2001
// writes type 0.
import { bitsOf, read, readEnded } from './bits.as';
import { Codebook, decodeEntry } from './codebook.as';
import { allocate } from './memory.as';

const mostPoints: i32 = 256;

@unmanaged
export class Floor {
  partitions: i32;
  multiplier: i32;
  points: i32;
  /** uint8 `[32]`. */
  partitionClass: usize;
  /** int32 `[16]` each. */
  dimensions: usize;
  subclassBits: usize;
  masterBook: usize;
  /** int32 `[16, 8]`: numbers of books; −1: none. */
  books: usize;
  /** int32 `[points]`: where they stand, their numbers in that order, and the nearest of those before it in the list on either side. */
  xs: usize;
  order: usize;
  low: usize;
  high: usize;
}

// @ts-ignore: AssemblyScript's decorator
@inline
function at(table: usize, i: i32): i32 {
  return load<i32>(table + (<usize>i << 2));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function put(table: usize, i: i32, value: i32): void {
  store<i32>(table + (<usize>i << 2), value);
}

/** float32 `[256]`: of a step of the envelope its height. */
let heights: usize = 0;

/** The table of section 10.1: 140/256 dB a step, up to 1. */
export function makeHeights(): void {
  heights = allocate(256 * 4);
  let height: f64 = 1;
  for (let i = 255; i >= 0; i--, height *= 0.9389798010476961) store<f32>(heights + (<usize>i << 2), <f32>height);
}

/** Traps where it makes no sense, or is of type 0. */
export function readFloor(bookCount: i32): Floor {
  if (read(16) != 1) unreachable();
  const floor = changetype<Floor>(allocate(offsetof<Floor>()));
  floor.partitions = read(5);
  floor.partitionClass = allocate(32);
  let classes: i32 = 0;
  for (let p = 0; p < floor.partitions; p++) {
    const kind = <i32>read(4);
    store<u8>(floor.partitionClass + p, <u8>kind);
    classes = max(classes, kind + 1);
  }
  floor.dimensions = allocate(16 * 4);
  floor.subclassBits = allocate(16 * 4);
  floor.masterBook = allocate(16 * 4);
  floor.books = allocate(16 * 8 * 4);
  for (let c = 0; c < classes; c++) readClass(floor, c, bookCount);
  floor.multiplier = read(2) + 1;
  readPoints(floor);
  if (readEnded()) unreachable();
  return floor;
}

function readClass(floor: Floor, c: i32, bookCount: i32): void {
  put(floor.dimensions, c, read(3) + 1);
  const bits = <i32>read(2);
  put(floor.subclassBits, c, bits);
  if (bits > 0) {
    put(floor.masterBook, c, read(8));
    if (at(floor.masterBook, c) >= bookCount) unreachable();
  }
  for (let i = 0; i < 1 << bits; i++) {
    const book = <i32>read(8) - 1;
    if (book >= bookCount) unreachable();
    put(floor.books, 8 * c + i, book);
  }
}

function readPoints(floor: Floor): void {
  const rangeBits = read(4);
  const tables = allocate(4 * mostPoints * 4);
  floor.xs = tables;
  floor.order = tables + 4 * mostPoints;
  floor.low = tables + 8 * mostPoints;
  floor.high = tables + 12 * mostPoints;
  put(floor.xs, 1, 1 << rangeBits);
  let points: i32 = 2;
  for (let p = 0; p < floor.partitions; p++) {
    const count = at(floor.dimensions, load<u8>(floor.partitionClass + p));
    for (let i = 0; i < count; i++) put(floor.xs, points++, read(rangeBits));
  }
  floor.points = points;
  for (let i = 0; i < points; i++) {
    const x = at(floor.xs, i);
    let to = i;
    for (; to > 0 && at(floor.xs, at(floor.order, to - 1)) > x; to--) put(floor.order, to, at(floor.order, to - 1));
    if (to > 0 && at(floor.xs, at(floor.order, to - 1)) == x) unreachable(); // two in one place
    put(floor.order, to, i);
    let low: i32 = 0;
    let high: i32 = 1;
    for (let other = 0; other < i; other++) {
      const there = at(floor.xs, other);
      if (there < x && there > at(floor.xs, low)) low = other;
      if (there > x && there < at(floor.xs, high)) high = other;
    }
    put(floor.low, i, low);
    put(floor.high, i, high);
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function rangeOf(floor: Floor): i32 {
  return floor.multiplier == 1 ? 256 : floor.multiplier == 2 ? 128 : floor.multiplier == 3 ? 86 : 64;
}

/**
 * Reads a channel's envelope.
 *
 * @param ys int32 `[mostPoints]`, filled with the points' heights; −1: the envelope passes there without a bend.
 * @returns whether there is one; else the channel is silent.
 */
export function decodeFloor(floor: Floor, books: usize, ys: usize): bool {
  if (!read(1)) return false;
  const range = rangeOf(floor);
  const bits = bitsOf(range - 1);
  put(ys, 0, read(bits));
  put(ys, 1, read(bits));
  let point: i32 = 2;
  for (let p = 0; p < floor.partitions; p++) {
    const kind = <i32>load<u8>(floor.partitionClass + p);
    const subclassBits = at(floor.subclassBits, kind);
    let chosen: i32 = 0;
    if (subclassBits > 0) chosen = decodeEntry(load<Codebook>(books + (at(floor.masterBook, kind) << 2)));
    for (let i = at(floor.dimensions, kind); i > 0; i--, point++) {
      const book = at(floor.books, 8 * kind + (chosen & ((1 << subclassBits) - 1)));
      chosen >>>= subclassBits;
      put(ys, point, book < 0 ? 0 : decodeEntry(load<Codebook>(books + (book << 2))));
    }
  }
  if (readEnded()) return false;
  unwrap(floor, ys, range);
  return true;
}

/** Each point's height is told as how far off the line between its neighbours it is. */
function unwrap(floor: Floor, ys: usize, range: i32): void {
  const heightsOf = ys + 4 * mostPoints; // of all points, also where there is no bend
  put(heightsOf, 0, at(ys, 0));
  put(heightsOf, 1, at(ys, 1));
  const isBend = ys + 8 * mostPoints;
  put(isBend, 0, 1);
  put(isBend, 1, 1);
  for (let i = 2; i < floor.points; i++) {
    const low = at(floor.low, i);
    const high = at(floor.high, i);
    const x0 = at(floor.xs, low);
    const y0 = at(heightsOf, low);
    const dy = at(heightsOf, high) - y0;
    const away = (abs(dy) * (at(floor.xs, i) - x0)) / (at(floor.xs, high) - x0);
    const predicted = dy < 0 ? y0 - away : y0 + away;
    const off = at(ys, i);
    put(isBend, i, off != 0 ? 1 : 0);
    if (off == 0) {
      put(heightsOf, i, predicted);
      continue;
    }
    put(isBend, low, 1);
    put(isBend, high, 1);
    const above = range - predicted;
    const below = predicted;
    let y: i32;
    if (off >= 2 * min(above, below)) y = above > below ? off : predicted - off + above - 1;
    else y = off & 1 ? predicted - ((off + 1) >> 1) : predicted + (off >> 1);
    put(heightsOf, i, y);
  }
  for (let i = 0; i < floor.points; i++) put(ys, i, at(isBend, i) ? at(heightsOf, i) : -1);
}

/** Bytes that {@link decodeFloor} needs for its points and what it works them out with. */
export const floorBytes: usize = 12 * 256;

/** Multiplies a channel's spectrum `[length]` with its envelope. */
export function applyFloor(floor: Floor, ys: usize, spectrum: usize, length: i32): void {
  const multiplier = floor.multiplier;
  let x0: i32 = 0;
  let y0 = at(ys, 0) * multiplier;
  for (let i = 1; i < floor.points && x0 < length; i++) {
    const point = at(floor.order, i);
    const y = at(ys, point);
    if (y < 0) continue;
    const x1 = at(floor.xs, point);
    const y1 = y * multiplier;
    multiplyLine(spectrum, x0, min(x1, length), y0, y1 - y0, x1 - x0);
    x0 = x1;
    y0 = y1;
  }
  if (x0 < length) multiplyLine(spectrum, x0, length, y0, 0, 1);
}

/** Bresenham's line, as section 9.2.7 has it: the encoder drew the same. */
function multiplyLine(spectrum: usize, x0: i32, end: i32, y0: i32, dy: i32, dx: i32): void {
  const base = dy / dx;
  const sign = dy < 0 ? -1 : 1;
  const rest = abs(dy) - abs(base) * dx;
  let y = y0;
  let error: i32 = 0;
  const last = spectrum + (<usize>end << 2);
  for (let place = spectrum + (<usize>x0 << 2); place < last; place += 4) {
    store<f32>(place, load<f32>(place) * load<f32>(heights + (<usize>(y & 255) << 2)));
    y += base;
    error += rest;
    if (error >= dx) {
      error -= dx;
      y += sign;
    }
  }
}
