import { textAt, viewOf } from './bytes.ts';
import { severalRecordings } from './format.ts';

export interface FlacFrame {
  data: Uint8Array;
  /** Numbers of its first sample and of the one behind its last. */
  startSample: number;
  endSample: number;
}

interface FrameHeader {
  /** Whether blocks differ in length; they are numbered by samples then. */
  isVariable: boolean;
  number: number;
  blockSize: number;
  bytes: number;
}

/**
 * A FLAC file's frames (RFC 9639, section 9), found by their headers alone: each says its number, and a checksum. mediabunny 1.61 finds
 * none where the rate stands in whole kilohertz, as FFmpeg writes 192 kHz.
 *
 * @throws {InputError} for one recording after another.
 */
export function* flacFrames(bytes: Uint8Array): Generator<FlacFrame> {
  let start = behindMetadata(bytes);
  let header = readHeader(bytes, start);
  let startSample = 0;
  while (header) {
    const { isVariable, number, blockSize } = header;
    const next = isVariable ? number + blockSize : number + 1;
    let end = start + header.bytes + 3; // a subframe and the checksum
    let following: FrameHeader | null = null;
    for (end = bytes.indexOf(0xff, end); end !== -1; end = bytes.indexOf(0xff, end + 1)) {
      if (((bytes[end + 1] ?? 0) & 0xfe) !== 0xf8) continue;
      following = readHeader(bytes, end);
      if (following?.number === next && following.isVariable === isVariable) break;
      following = null;
    }
    const data = following ? bytes.subarray(start, end) : lastFrame(bytes.subarray(start));
    if (!following && textAt(bytes, start + data.length, 4) === 'fLaC') throw severalRecordings('flac');
    yield { data, startSample, endSample: startSample + blockSize };
    startSample += blockSize;
    start = end;
    header = following;
  }
}

/** @returns where the blocks before the first frame end. */
function behindMetadata(bytes: Uint8Array): number {
  for (let at = 4; at + 4 <= bytes.length; ) {
    const word = viewOf(bytes).getUint32(at);
    at += 4 + (word & 0xffffff);
    if (word >>> 31) return at; // it is the last
  }
  return bytes.length;
}

function readHeader(bytes: Uint8Array, start: number): FrameHeader | null {
  const [sync = 0, second = 0, third = 0, fourth = 0] = bytes.subarray(start, start + 4);
  if (sync !== 0xff || (second & 0xfe) !== 0xf8 || fourth & 1) return null;
  let at = start + 4;
  const lead = bytes[at++] ?? 0;
  const more = Math.max(0, Math.clz32(~(lead << 24)) - 1); // as in UTF-8
  let number = more === 0 ? lead : lead & (0x3f >> more);
  for (let i = 0; i < more; i++) number = number * 64 + ((bytes[at++] ?? 0) & 0x3f);
  const [sizeCode, rateCode] = [third >> 4, third & 15];
  let blockSize = sizeCode === 1 ? 192 : sizeCode < 6 ? 144 * 2 ** sizeCode : 2 ** sizeCode;
  if (sizeCode === 6) blockSize = (bytes[at] ?? 0) + 1;
  if (sizeCode === 7) blockSize = ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0) + 1;
  at += sizeCode === 6 ? 1 : sizeCode === 7 ? 2 : 0;
  at += rateCode === 12 ? 1 : rateCode === 13 || rateCode === 14 ? 2 : 0;
  if (sizeCode === 0 || rateCode === 15 || at >= bytes.length) return null;
  if (bytes[at] !== checksum8(bytes.subarray(start, at))) return null;
  return { isVariable: (second & 1) === 1, number, blockSize, bytes: at + 1 - start };
}

/** Cuts off what stands behind the last frame: a frame with its checksum has the checksum 0. */
function lastFrame(rest: Uint8Array): Uint8Array {
  let end = rest.length;
  let checksum = 0;
  for (let at = 0; at < rest.length; at++) {
    checksum ^= (rest[at] as number) << 8;
    for (let bit = 0; bit < 8; bit++) checksum = ((checksum << 1) ^ (checksum & 0x8000 ? 0x8005 : 0)) & 0xffff;
    if (checksum === 0) end = at + 1;
  }
  return rest.subarray(0, end);
}

function checksum8(bytes: Uint8Array): number {
  let checksum = 0;
  for (const byte of bytes) {
    checksum ^= byte;
    for (let bit = 0; bit < 8; bit++) checksum = ((checksum << 1) ^ (checksum & 0x80 ? 7 : 0)) & 0xff;
  }
  return checksum;
}
