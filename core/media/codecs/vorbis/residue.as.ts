// Residues: a spectrum's fine structure, as sums of vectors from codebooks (Vorbis I, section 8).
import { read, readEnded } from './bits.as';
import { Codebook, decodeEntry } from './codebook.as';
import { allocate } from './memory.as';

@unmanaged
export class Residue {
  kind: i32;
  begin: i32;
  end: i32;
  partitionSize: i32;
  classes: i32;
  classBook: Codebook;
  /** Codebooks `[classes, 8]`: of each pass; 0: none. */
  books: usize;
  passes: i32;
}

/** Traps where it makes no sense. */
export function readResidue(books: usize, bookCount: i32): Residue {
  const residue = changetype<Residue>(allocate(offsetof<Residue>()));
  residue.kind = read(16);
  residue.begin = read(24);
  residue.end = read(24);
  residue.partitionSize = read(24) + 1;
  residue.classes = read(6) + 1;
  const classBook = <i32>read(8);
  if (residue.kind > 2 || classBook >= bookCount || readEnded()) unreachable();
  residue.classBook = load<Codebook>(books + (classBook << 2));
  if (residue.classBook.dimensions == 0) unreachable();
  const cascades = allocate(64);
  for (let c = 0; c < residue.classes; c++) {
    const low = read(3);
    const high = read(1) ? read(5) : 0;
    store<u8>(cascades + c, <u8>(low | (high << 3)));
  }
  residue.books = allocate(residue.classes * 8 * 4);
  for (let c = 0; c < residue.classes; c++) {
    const cascade = <i32>load<u8>(cascades + c);
    for (let pass = 0; pass < 8; pass++) {
      if (((cascade >>> pass) & 1) == 0) continue;
      const number = <i32>read(8);
      if (number >= bookCount) unreachable();
      const book = load<Codebook>(books + (number << 2));
      if (book.vectors == 0 || book.dimensions == 0) unreachable();
      store<usize>(residue.books + ((8 * c + pass) << 2), changetype<usize>(book));
      residue.passes = max(residue.passes, pass + 1);
    }
  }
  if (readEnded()) unreachable();
  return residue;
}

/**
 * Adds the vectors of a packet to spectra.
 *
 * @param spectra addresses `[count]` of float32 `[length]` each; of kind 2 one, of all channels' values in turn.
 * @param used values of each that are wanted. Of the others the codes are passed over: they stand between those of the wanted.
 * @param isLast whether nothing else of the packet is read.
 * @param classes uint8 `[count, length]`, to work with.
 */
export function decodeResidue(
  residue: Residue, spectra: usize, count: i32, length: i32, used: i32, isLast: bool, classes: usize,
): void {
  const partitionSize = residue.partitionSize;
  const classBook = residue.classBook;
  const begin = min(residue.begin, length);
  const partitions = (min(residue.end, length) - begin) / partitionSize;
  if (partitions <= 0) return;
  const wanted = min(partitions, (max(0, used - begin) + partitionSize - 1) / partitionSize);
  const together = classBook.dimensions;
  for (let pass = 0; pass < residue.passes; pass++) {
    const passed = isLast && pass == residue.passes - 1 ? wanted : partitions;
    for (let first = 0; first < passed; first += together) {
      const last = min(passed, first + together);
      if (pass == 0) {
        for (let s = 0; s < count; s++) {
          if (!readClasses(residue, classes + s * length + first, last - first)) return;
        }
      }
      for (let p = first; p < last; p++) {
        const start = <usize>(begin + p * partitionSize) << 2;
        for (let s = 0; s < count; s++) {
          const c = <usize>load<u8>(classes + s * length + p);
          const book = load<Codebook>(residue.books + ((8 * c + pass) << 2));
          if (changetype<usize>(book) == 0) continue;
          let isThere: bool;
          if (p >= wanted) isThere = passOver(book, residue.kind, partitionSize);
          else {
            const place = load<usize>(spectra + (s << 2)) + start;
            isThere = residue.kind == 0 ? addSpread(book, place, partitionSize) : addInTurn(book, place, partitionSize);
          }
          if (!isThere) return;
        }
      }
    }
  }
}

/** @returns false where the packet ends. */
function passOver(book: Codebook, kind: i32, size: i32): bool {
  const dimensions = book.dimensions;
  for (let left = kind == 0 ? size / dimensions : (size + dimensions - 1) / dimensions; left > 0; left--) {
    if (decodeEntry(book) < 0) return false;
  }
  return true;
}

/** One entry tells the classes of several partitions, the first in its highest digit. @returns false where the packet ends. */
function readClasses(residue: Residue, classes: usize, count: i32): bool {
  let number = decodeEntry(residue.classBook);
  if (number < 0) return false;
  for (let i = residue.classBook.dimensions - 1; i >= 0; i--) {
    if (i < count) store<u8>(classes + i, <u8>(number % residue.classes));
    number /= residue.classes;
  }
  return true;
}

/** Each vector's values stand side by side. @returns false where the packet ends. */
function addInTurn(book: Codebook, place: usize, size: i32): bool {
  const dimensions = book.dimensions;
  const vectors = book.vectors;
  const end = place + (<usize>size << 2);
  const step = <usize>dimensions << 2;
  if (size % dimensions != 0) return addSome(book, place, end);
  if (dimensions == 2) {
    for (; place < end; place += 8) {
      const entry = decodeEntry(book);
      if (entry < 0) return false;
      const sum = f32x4.add(v128.load64_zero(place), v128.load64_zero(vectors + (<usize>entry << 3)));
      v128.store64_lane(place, sum, 0);
    }
  } else if ((dimensions & 3) == 0) {
    while (place < end) {
      const entry = decodeEntry(book);
      if (entry < 0) return false;
      let vector = vectors + <usize>entry * step;
      for (const vectorEnd = place + step; place < vectorEnd; place += 16, vector += 16) {
        v128.store(place, f32x4.add(v128.load(place), v128.load(vector)));
      }
    }
  } else return addSome(book, place, end);
  return true;
}

function addSome(book: Codebook, place: usize, end: usize): bool {
  const step = <usize>book.dimensions << 2;
  while (place < end) {
    const entry = decodeEntry(book);
    if (entry < 0) return false;
    let vector = book.vectors + <usize>entry * step;
    for (const vectorEnd = min(end, place + step); place < vectorEnd; place += 4, vector += 4) {
      store<f32>(place, load<f32>(place) + load<f32>(vector));
    }
  }
  return true;
}

/** Each vector's values stand as far from each other as there are vectors. @returns false where the packet ends. */
function addSpread(book: Codebook, place: usize, size: i32): bool {
  const dimensions = book.dimensions;
  const vectors = book.vectors;
  const count = size / dimensions;
  for (let i = 0; i < count; i++) {
    const entry = decodeEntry(book);
    if (entry < 0) return false;
    let vector = vectors + ((<usize>entry * dimensions) << 2);
    for (let d = 0; d < dimensions; d++, vector += 4) {
      const to = place + (<usize>(i + d * count) << 2);
      store<f32>(to, load<f32>(to) + load<f32>(vector));
    }
  }
  return true;
}
