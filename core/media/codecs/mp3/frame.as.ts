// A frame's header and side information (ISO/IEC 11172-3, 2.4.1; 13818-3, 2.4.1).
import { end, moveTo, openBits, position, read } from '../highestFirst.as';
import { bandLengths } from './tables.as';

/** What one channel's 576 lines of half a frame are coded by; of MPEG-2 of a whole one. */
@unmanaged
export class Granule {
  /** Bits of its factors and lines. */
  length: i32;
  /** Pairs of lines in the first part, which has three regions of so many bands, each with a codebook. */
  pairs: i32;
  regions0: i32;
  regions1: i32;
  codebook0: i32;
  codebook1: i32;
  codebook2: i32;
  hasPlainQuadruples: i32;
  gain: i32;
  /** How many bits factors have. */
  factorSizes: i32;
  /** Bits 3 to 0: whether a quarter of the factors is the one of the granule before. */
  factorsKept: i32;
  hasPreEmphasis: i32;
  factorShift: i32;
  /** 0 long, 1 start, 2 short, 3 stop. */
  kind: i32;
  isMixed: i32;
  windowGain0: i32;
  windowGain1: i32;
  windowGain2: i32;
  /** uint8, lines of each band, 0 behind the last: first the long ones, then three times each short one. */
  bands: usize;
  longBands: i32;
  shortBands: i32;
}

export const shortKind: i32 = 2;
const granuleBytes: usize = 128;
const granules = memory.data(4 * 128, 16);

export let isMpeg1: bool = false;
export let channels: i32 = 0;
/** Of the standard's tables, from 8 kHz in MPEG-2.5 (2) to 32 in MPEG-1 (8). */
export let rateNumber: i32 = 0;
export let isMiddleSide: bool = false;
export let isIntensity: bool = false;
/** Where the main data begin, bytes from the frame's start; and so many bytes before that, in earlier frames. */
export let mainStart: i32 = 0;
export let mainBefore: i32 = 0;

export function granuleOf(number: i32, channel: i32): Granule {
  return changetype<Granule>(granules + <usize>(number * channels + channel) * granuleBytes);
}

/** @returns false for what is no frame of layer III, or contradicts itself. */
export function readFrame(place: usize, length: i32): bool {
  const second: i32 = load<u8>(place, 1);
  const third: i32 = load<u8>(place, 2);
  const fourth: i32 = load<u8>(place, 3);
  const version = (second >> 3) & 3; // 0: MPEG-2.5, 2: MPEG-2, 3: MPEG-1
  const rate = (third >> 2) & 3;
  if (length < 24 || load<u8>(place) != 0xff || second >> 5 != 7 || version == 1 || ((second >> 1) & 3) != 1 || rate == 3) return false;
  isMpeg1 = version == 3;
  rateNumber = rate + (version == 3 ? 6 : version == 2 ? 3 : 0);
  const mode = fourth >> 6; // 1: joint stereo, 3: mono
  channels = mode == 3 ? 1 : 2;
  isIntensity = mode == 1 && (fourth & 0x10) != 0;
  isMiddleSide = mode == 1 && (fourth & 0x20) != 0;
  openBits(place, length);
  moveTo((second & 1) != 0 ? 32 : 48); // a checksum
  if (!readSideInformation()) return false;
  mainStart = position >> 3;
  return position <= end;
}

function readSideInformation(): bool {
  let count = channels;
  let kept: i32 = 0;
  if (isMpeg1) {
    count *= 2;
    mainBefore = read(9);
    kept = read(7 + count); // private bits above
  } else {
    mainBefore = read(8 + count) >> count;
  }
  let all: i32 = 0;
  for (let i = 0; i < count; i++) {
    const it = changetype<Granule>(granules + <usize>i * granuleBytes);
    if (channels == 1) kept <<= 4;
    if (!readGranule(it)) return false;
    if (it.kind == shortKind) kept &= 0x0f0f;
    it.factorsKept = (kept >> 12) & 15;
    kept <<= 4;
    all += it.length;
  }
  return all + position <= end + mainBefore * 8;
}

function readGranule(it: Granule): bool {
  it.length = read(12);
  it.pairs = read(9);
  if (it.pairs > 288) return false;
  it.gain = read(8);
  it.factorSizes = read(isMpeg1 ? 4 : 9);
  it.kind = 0;
  it.isMixed = 0;
  if (read(1)) {
    it.kind = read(2);
    if (it.kind == 0) return false;
    it.isMixed = read(1);
    it.codebook0 = read(5);
    it.codebook1 = read(5);
    it.codebook2 = 0;
    it.windowGain0 = read(3);
    it.windowGain1 = read(3);
    it.windowGain2 = read(3);
    it.regions0 = it.kind == shortKind && !it.isMixed ? 9 : 8;
    it.regions1 = 255;
  } else {
    it.codebook0 = read(5);
    it.codebook1 = read(5);
    it.codebook2 = read(5);
    it.regions0 = read(4) + 1;
    it.regions1 = read(3) + 1;
  }
  const isShort = it.kind == shortKind;
  it.longBands = !isShort ? 22 : it.isMixed ? (isMpeg1 ? 8 : 6) : 0;
  it.shortBands = !isShort ? 0 : it.isMixed ? 30 : 39;
  const rates = max(0, rateNumber - 1); // the first two have the same bands
  it.bands = bandLengths + <usize>(((!isShort ? 0 : it.isMixed ? 16 : 8) + rates) * 40);
  it.hasPreEmphasis = isMpeg1 ? read(1) : i32(it.factorSizes >= 500);
  it.factorShift = read(1) + 1;
  it.hasPlainQuadruples = read(1);
  return true;
}

/** Of the spectrum's 32 subbands the lowest few, which in mixed blocks are long ones with an ordinary window. */
export function ordinarySubbands(it: Granule): i32 {
  return it.isMixed ? (rateNumber == 2 ? 4 : 2) : 0;
}
