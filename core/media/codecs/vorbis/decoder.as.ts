// A Vorbis decoder (Vorbis I specification, https://xiph.org/vorbis/doc/Vorbis_I_spec.html) in AssemblyScript, which reads like TypeScript and
// becomes WebAssembly with SIMD. `node bin/compileWasm.mjs` compiles it into `binary.ts`. It traps for headers that make no sense.
// Addresses are bytes; spectra and samples are float32.
import { bitsOf, openPacket, read, readEnded } from './bits.as';
import { readCodebook } from './codebook.as';
import { applyFloor, decodeFloor, Floor, floorBytes, makeHeights, readFloor } from './floor.as';
import { allocate, forgetAll } from './memory.as';
import { decodeResidue, readResidue, Residue } from './residue.as';
import { invert, makeTransform, overlap, Transform } from './transform.as';

/** Of the longest packet. */
const inputBytes: usize = 128 * 1024;
/** Packets whose samples have room. */
const packetsOfRoom: i32 = 16;

/** How channels are coded in one kind of block. */
@unmanaged
class Mapping {
  couplings: i32;
  /** uint8 `[couplings]` each: channels. */
  magnitudes: usize;
  angles: usize;
  submaps: i32;
  /** uint8 `[channels]`. */
  submapOf: usize;
  /** Pointers `[submaps]` each. */
  floors: usize;
  residues: usize;
}

let input: usize = 0;
let channels: i32 = 0;
/** So often the upper half of every spectrum is left out, and half as many samples are made. */
let halvings: i32 = 0;
/** Of short and long blocks, as many samples as are made of them. */
let short: Transform = changetype<Transform>(0);
let long: Transform = changetype<Transform>(0);
let books: usize = 0;
let modes: i32 = 0;
/** uint8 `[modes]`: whether its blocks are long. Pointers to mappings `[modes]`. */
let modeIsLong: usize = 0;
let modeMapping: usize = 0;

/** `[channels, floorBytes]`, and uint8 `[channels]`: whether a channel has an envelope, whether it is decoded. */
let envelopes: usize = 0;
let hasEnvelope: usize = 0;
let isDecoded: usize = 0;
/** `[channels, longest block / 2]`; and of all channels in turn, for residues of kind 2. */
let spectra: usize = 0;
let inTurn: usize = 0;
/** Addresses of the spectra that one residue fills, the address of `inTurn`, and uint8 to work with. */
let filled: usize = 0;
let inTurnFilled: usize = 0;
let classes: usize = 0;
/** `[longest block / 2]`. */
let middle: usize = 0;
/** `[channels, longest block / 4]`: the second half of each channel's last middle, whose transform is `before`; null: there is none yet. */
let saved: usize = 0;
let before: Transform = changetype<Transform>(0);
/** `[channels, room]`. */
let output: usize = 0;
let room: i32 = 0;
let written: i32 = 0;

/** Forgets the file. @returns where packets are put, the headers too. */
export function begin(): usize {
  forgetAll();
  restart();
  input = allocate(inputBytes + 8);
  return input;
}

/** Forgets the file's sound alone: the next has the same headers. */
export function restart(): void {
  before = changetype<Transform>(0);
  written = 0;
}

/**
 * Takes the identification header.
 *
 * @param toHalve how often to make half as many samples, of the lower half of each spectrum; short blocks keep at least 64. Samples stand in the
 *   middle of those that they are made instead of. (libvorbis can do so once, `vorbis_synthesis_halfrate`.)
 */
export function identify(length: i32, toHalve: i32): void {
  openPacket(input, length);
  expectKind(1);
  if (read(32) != 0) unreachable(); // the version
  channels = read(8);
  const sampleRate = read(32);
  for (let bitrate = 0; bitrate < 3; bitrate++) read(32);
  const shortBits = read(4);
  const longBits = read(4);
  if (channels == 0 || sampleRate == 0 || shortBits < 6 || longBits < shortBits || longBits > 13) unreachable();
  if (!read(1)) unreachable();
  halvings = toHalve;
  if (shortBits - halvings < 6) unreachable();
  short = makeTransform(1 << (shortBits - halvings));
  long = shortBits == longBits ? short : makeTransform(1 << (longBits - halvings));
}

function expectKind(kind: u32): void {
  if (read(8) != kind) unreachable();
  if (read(32) != 0x62726f76 || read(16) != 0x7369) unreachable(); // "vorbis"
}

/** Takes the setup header. */
export function setUp(length: i32): void {
  openPacket(input, length);
  expectKind(5);
  const bookCount = <i32>read(8) + 1;
  books = allocate(bookCount * 4);
  for (let i = 0; i < bookCount; i++) store<usize>(books + (i << 2), changetype<usize>(readCodebook()));
  for (let count = read(6) + 1; count > 0; count--) if (read(16) != 0) unreachable(); // of time transforms there are none
  makeHeights();
  const floorCount = <i32>read(6) + 1;
  const floors = allocate(floorCount * 4);
  for (let i = 0; i < floorCount; i++) store<usize>(floors + (i << 2), changetype<usize>(readFloor(bookCount)));
  const residueCount = <i32>read(6) + 1;
  const residues = allocate(residueCount * 4);
  for (let i = 0; i < residueCount; i++) store<usize>(residues + (i << 2), changetype<usize>(readResidue(books, bookCount)));
  const mappingCount = <i32>read(6) + 1;
  const mappings = allocate(mappingCount * 4);
  for (let i = 0; i < mappingCount; i++) {
    const mapping = readMapping(floors, floorCount, residues, residueCount);
    store<usize>(mappings + (i << 2), changetype<usize>(mapping));
  }
  readModes(mappings, mappingCount);
  if (!read(1) || readEnded()) unreachable();
  makeRoom();
}

function readMapping(floors: usize, floorCount: i32, residues: usize, residueCount: i32): Mapping {
  if (read(16) != 0) unreachable();
  const mapping = changetype<Mapping>(allocate(offsetof<Mapping>()));
  mapping.submaps = read(1) ? <i32>read(4) + 1 : 1;
  mapping.couplings = read(1) ? <i32>read(8) + 1 : 0;
  mapping.magnitudes = allocate(mapping.couplings);
  mapping.angles = allocate(mapping.couplings);
  const bits = bitsOf(channels - 1);
  for (let i = 0; i < mapping.couplings; i++) {
    const magnitude = <i32>read(bits);
    const angle = <i32>read(bits);
    if (magnitude == angle || magnitude >= channels || angle >= channels) unreachable();
    store<u8>(mapping.magnitudes + i, <u8>magnitude);
    store<u8>(mapping.angles + i, <u8>angle);
  }
  if (read(2) != 0) unreachable();
  mapping.submapOf = allocate(channels);
  for (let channel = 0; channel < channels && mapping.submaps > 1; channel++) {
    const submap = <i32>read(4);
    if (submap >= mapping.submaps) unreachable();
    store<u8>(mapping.submapOf + channel, <u8>submap);
  }
  mapping.floors = allocate(mapping.submaps * 4);
  mapping.residues = allocate(mapping.submaps * 4);
  for (let i = 0; i < mapping.submaps; i++) {
    read(8); // of a time transform
    const floor = <i32>read(8);
    const residue = <i32>read(8);
    if (floor >= floorCount || residue >= residueCount) unreachable();
    store<usize>(mapping.floors + (i << 2), load<usize>(floors + (floor << 2)));
    store<usize>(mapping.residues + (i << 2), load<usize>(residues + (residue << 2)));
  }
  return mapping;
}

function readModes(mappings: usize, mappingCount: i32): void {
  modes = <i32>read(6) + 1;
  modeIsLong = allocate(modes);
  modeMapping = allocate(modes * 4);
  for (let i = 0; i < modes; i++) {
    store<u8>(modeIsLong + i, <u8>read(1));
    if (read(16) != 0 || read(16) != 0) unreachable(); // kinds of windows and transforms, of which there is one each
    const mapping = <i32>read(8);
    if (mapping >= mappingCount) unreachable();
    store<usize>(modeMapping + (i << 2), load<usize>(mappings + (mapping << 2)));
  }
}

function makeRoom(): void {
  const half = long.length >> 1;
  const values = half << halvings;
  const spectraBytes = <usize>(channels * values) << 2;
  envelopes = allocate(<usize>channels * floorBytes);
  hasEnvelope = allocate(channels);
  isDecoded = allocate(channels);
  spectra = allocate(spectraBytes);
  inTurn = allocate(spectraBytes);
  filled = allocate(channels * 4);
  inTurnFilled = allocate(4);
  store<usize>(inTurnFilled, inTurn);
  classes = allocate(channels * values);
  middle = allocate(<usize>half << 2);
  saved = allocate(spectraBytes >> 1);
  room = packetsOfRoom * half;
  output = allocate((<usize>channels * room) << 2);
}

/** @returns where the channel's samples stand. */
export function samplesOf(channel: i32): usize {
  return output + ((<usize>channel * room) << 2);
}

/** @returns how many samples there are of each channel, since this was asked last. */
export function takeSamples(): i32 {
  const count = written;
  written = 0;
  return count;
}

/** Decodes a packet of sound; up to 16 have room. @returns false where it is none, or damaged: then nothing has changed. */
export function decode(length: i32): bool {
  openPacket(input, length);
  if (read(1) != 0 || length == 0) return false;
  const mode = <i32>read(bitsOf(modes - 1));
  if (mode >= modes) return false;
  const isLong = load<u8>(modeIsLong + mode);
  if (isLong) read(2); // what kind of blocks stand beside it: they say it themselves
  if (readEnded()) return false;
  const mapping = load<Mapping>(modeMapping + (mode << 2));
  const transform = isLong ? long : short;
  const half = transform.length >> 1;
  const values = half << halvings; // of a spectrum; of them the first `half` are used
  decodeEnvelopes(mapping);
  for (let channel = 0; channel < channels; channel++) memory.fill(spectrumOf(channel, values), 0, <usize>half << 2);
  for (let submap = 0; submap < mapping.submaps; submap++) decodeSubmap(mapping, submap, values, half);
  for (let i = mapping.couplings - 1; i >= 0; i--) {
    uncouple(spectrumOf(load<u8>(mapping.magnitudes + i), values), spectrumOf(load<u8>(mapping.angles + i), values), half);
  }
  for (let channel = 0; channel < channels; channel++) {
    const spectrum = spectrumOf(channel, values);
    if (load<u8>(hasEnvelope + channel)) {
      const floor = load<Floor>(mapping.floors + (load<u8>(mapping.submapOf + channel) << 2));
      applyFloor(floor, envelopes + <usize>channel * floorBytes, spectrum, half);
      invert(transform, spectrum, middle);
    } else {
      memory.fill(middle, 0, <usize>half << 2);
    }
    join(transform, channel);
  }
  if (changetype<usize>(before) != 0) written += (before.length + transform.length) >> 2;
  before = transform;
  return true;
}

// @ts-ignore: AssemblyScript's decorator
@inline
function spectrumOf(channel: i32, values: i32): usize {
  return spectra + ((<usize>(channel * values)) << 2);
}

function decodeEnvelopes(mapping: Mapping): void {
  for (let channel = 0; channel < channels; channel++) {
    const floor = load<Floor>(mapping.floors + (load<u8>(mapping.submapOf + channel) << 2));
    const isThere = decodeFloor(floor, books, envelopes + <usize>channel * floorBytes);
    store<u8>(hasEnvelope + channel, <u8>isThere);
    store<u8>(isDecoded + channel, <u8>isThere);
  }
  for (let i = 0; i < mapping.couplings; i++) {
    const magnitude = isDecoded + load<u8>(mapping.magnitudes + i);
    const angle = isDecoded + load<u8>(mapping.angles + i);
    if (!load<u8>(magnitude) && !load<u8>(angle)) continue;
    store<u8>(magnitude, 1);
    store<u8>(angle, 1);
  }
}

/** The fine structure of the channels that share a floor and a residue: of `values` values in each the first `used`. */
function decodeSubmap(mapping: Mapping, submap: i32, values: i32, used: i32): void {
  const residue = load<Residue>(mapping.residues + (submap << 2));
  const isLast = submap == mapping.submaps - 1;
  let count: i32 = 0; // of all its channels
  let decoded: i32 = 0;
  for (let channel = 0; channel < channels; channel++) {
    if (load<u8>(mapping.submapOf + channel) != submap) continue;
    count++;
    if (residue.kind != 2 && !load<u8>(isDecoded + channel)) continue;
    if (load<u8>(isDecoded + channel)) decoded++;
    store<usize>(filled + ((residue.kind == 2 ? count - 1 : decoded - 1) << 2), spectrumOf(channel, values));
  }
  if (decoded == 0) return;
  if (residue.kind != 2 || count == 1) {
    decodeResidue(residue, filled, residue.kind == 2 ? 1 : decoded, values, used, isLast, classes);
    return;
  }
  memory.fill(inTurn, 0, <usize>(count * used) << 2);
  decodeResidue(residue, inTurnFilled, 1, count * values, count * used, isLast, classes);
  takeApart(count, used);
}

/** All channels' values in turn → each channel's spectrum. */
function takeApart(count: i32, length: i32): void {
  if (count == 2) {
    let from = inTurn;
    let first = load<usize>(filled);
    let second = load<usize>(filled + 4);
    for (const end = first + (<usize>length << 2); first < end; first += 16, second += 16, from += 32) {
      const a = v128.load(from);
      const b = v128.load(from, 16);
      v128.store(first, v128.shuffle<f32>(a, b, 0, 2, 4, 6));
      v128.store(second, v128.shuffle<f32>(a, b, 1, 3, 5, 7));
    }
    return;
  }
  for (let c = 0; c < count; c++) {
    let to = load<usize>(filled + (c << 2));
    let from = inTurn + (<usize>c << 2);
    for (let i = 0; i < length; i++, to += 4, from += <usize>count << 2) store<f32>(to, load<f32>(from));
  }
}

/** Magnitude and angle → two channels (Vorbis I, section 4.3.5), without a branch. */
function uncouple(magnitudes: usize, angles: usize, half: i32): void {
  const zero = f32x4.splat(0);
  for (const end = magnitudes + (<usize>half << 2); magnitudes < end; magnitudes += 16, angles += 16) {
    const magnitude = v128.load(magnitudes);
    const angle = v128.load(angles);
    const isAbove = f32x4.gt(angle, zero);
    // Where the magnitude is negative, its sign turns the angle's.
    const signed = v128.xor(angle, v128.andnot(f32x4.splat(-0.0), f32x4.gt(magnitude, zero)));
    const less = f32x4.sub(magnitude, signed);
    const more = f32x4.add(magnitude, signed);
    v128.store(magnitudes, v128.bitselect(magnitude, more, isAbove));
    v128.store(angles, v128.bitselect(less, magnitude, isAbove));
  }
}

/** Puts what is between the middle of the last block and of this one behind the output, and keeps what the next will need. */
function join(transform: Transform, channel: i32): void {
  const quarter = transform.length >> 2;
  const kept = saved + ((<usize>channel * (long.length >> 2)) << 2);
  if (changetype<usize>(before) != 0) {
    if (written + ((before.length + transform.length) >> 2) > room) unreachable();
    const to = samplesOf(channel) + (<usize>written << 2);
    const smaller = before.length < transform.length ? before : transform;
    const half = smaller.length >> 2;
    const ahead = ((before.length >> 2) - half) << 2; // bytes of the last block that nothing overlaps
    memory.copy(to, kept, ahead);
    overlap(kept + ahead, middle, smaller.slope, to + ahead, half);
    const behind = quarter - half;
    memory.copy(to + ahead + (<usize>half << 3), middle + (<usize>half << 2), <usize>behind << 2);
  }
  memory.copy(kept, middle + (<usize>quarter << 2), <usize>quarter << 2);
}
