import { InputError } from '../../errors.ts';
import { textAt, viewOf } from './bytes.ts';
import { cutShort } from './format.ts';

/** What an MP3 file says of its sound beside the frames. */
export interface Mp3Sound {
  /** Where each frame begins, and the byte behind it; without the first one where it counts the others ("Xing" or "Info"). */
  frames: { start: number; end: number }[];
  sampleRate: number; // Hz
  frameSamples: number;
  /** Samples that the encoder put before and behind the sound, with the decoder's own delay. */
  delay: number;
  padding: number;
}

/** Of every decoder (ISO/IEC 11172-3, 2.4.3.4.11, and the transform before it), as LAME and mpg123 count it. */
const decoderDelay = 529; // samples

/**
 * Walks from frame to frame, behind what is damaged, and tags.
 *
 * @throws {InputError} for a file that is cut short: whose last frame is, or which has fewer than the encoder counted.
 */
export function readMp3(bytes: Uint8Array): Mp3Sound {
  expectLayer3(bytes);
  const start = firstFrame(bytes);
  let offset = start;
  const frames: Mp3Sound['frames'] = [];
  while (offset < bytes.length) {
    const length = frameLength(bytes, offset);
    if (length === 0) {
      offset = firstFrame(bytes, offset + 1, { isSure: true });
      continue;
    }
    if (offset + length > bytes.length) {
      throw cutShort('mp3', `its last frame lacks ${offset + length - bytes.length} bytes`);
    }
    frames.push({ start: offset, end: offset + length });
    offset += length;
  }
  const info = readInfo(bytes, start);
  if (info) {
    if (frames.length < info.frames) throw cutShort('mp3', `${frames.length} of ${info.frames} frames are there`);
    frames.shift();
  }
  // Of more than one file there is padding in the middle, and what the first one says of its end is not true.
  const isCounted = info?.frames === frames.length;
  const { delay, padding } = info ?? { delay: 0, padding: 0 };
  const isKnown = delay + padding > 0;
  return {
    frames,
    sampleRate: rateAt(bytes, start),
    frameSamples: versionAt(bytes, start) === 3 ? 1152 : 576,
    delay: isKnown ? delay + decoderDelay : 0,
    padding: isKnown && isCounted ? Math.max(0, padding - decoderDelay) : 0,
  };
}

/** Whether the bytes begin with an MP3 frame and end before the second one does: too few to be sure of the format by other means. */
export function isCutMp3(bytes: Uint8Array): boolean {
  const first = frameLength(bytes, 0);
  return first > 0 && (first >= bytes.length || first + frameLength(bytes, first) > bytes.length);
}

/** @throws {InputError} for MP1 and MP2, in whose bytes something may look like a frame of MP3. */
function expectLayer3(bytes: Uint8Array): void {
  const [first, second = 0] = bytes;
  const layer = 4 - ((second >> 1) & 3);
  if (first !== 0xff || second >> 5 !== 7 || layer > 2) return;
  throw new InputError(
    `Expected a sound file but these bytes are MP${layer} (MPEG audio, layer ${'I'.repeat(layer)}). Convert it to mp3, wav or flac.`,
    'unsupported_media',
  );
}

/**
 * @param isSure whether a frame that ends with the bytes, or behind them, is none.
 * @returns the byte where two frames follow each other for the first time.
 */
function firstFrame(bytes: Uint8Array, from = 0, { isSure = false } = {}): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const length = frameLength(bytes, at);
    if (length > 0 && ((!isSure && at + length >= bytes.length) || frameLength(bytes, at + length) > 0)) return at;
  }
  return bytes.length;
}

/** Bytes from the end of what counts frames to where LAME, and who writes as it does, says what it added. */
const lameDelay = 21;

function readInfo(bytes: Uint8Array, offset: number): { frames: number; delay: number; padding: number } | null {
  for (const distance of [13, 21, 36]) {
    // its place depends on version and channels
    const at = offset + distance;
    if (at + 12 > bytes.length) return null;
    const name = textAt(bytes, at, 4);
    if (name !== 'Xing' && name !== 'Info') continue;
    const view = viewOf(bytes);
    const has = view.getUint32(at + 4); // the number of frames, of bytes, 100 places, a quality
    const behind = at + 8 + (has & 1 ? 4 : 0) + (has & 2 ? 4 : 0) + (has & 4 ? 100 : 0) + (has & 8 ? 4 : 0);
    const isThere = behind + lameDelay + 3 <= offset + frameLength(bytes, offset);
    const added = isThere ? view.getUint32(behind + lameDelay - 1) & 0xffffff : 0;
    return { frames: has & 1 ? view.getUint32(at + 8) : 0, delay: added >> 12, padding: added & 0xfff };
  }
  return null;
}

// kbit/s by the header's four bits (ISO/IEC 11172-3 and 13818-3, layer III)
const bitrates1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const bitrates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const sampleRates = [44100, 48000, 32000]; // Hz, MPEG-1; half in MPEG-2, a quarter in MPEG-2.5

function versionAt(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset + 1] ?? 0) >> 3) & 3; // 0: MPEG-2.5, 2: MPEG-2, 3: MPEG-1
}

/** @returns Hz, of the frame at `offset`; 0 for a rate that there is not. */
export function rateAt(bytes: Uint8Array, offset: number): number {
  const version = versionAt(bytes, offset);
  return (sampleRates[((bytes[offset + 2] ?? 0) >> 2) & 3] ?? 0) / (version === 3 ? 1 : version === 2 ? 2 : 4);
}

/** @returns bytes of the layer III frame at `offset`; 0 where there is none. */
function frameLength(bytes: Uint8Array, offset: number): number {
  const [first = 0, second = 0, third = 0] = bytes.subarray(offset, offset + 3);
  const version = versionAt(bytes, offset);
  const isLayer3 = ((second >> 1) & 3) === 1;
  if (first !== 0xff || second >> 5 !== 7 || version === 1 || !isLayer3) return 0;
  const kilobits = (version === 3 ? bitrates1 : bitrates2)[third >> 4];
  const rate = rateAt(bytes, offset);
  if (!kilobits || !rate) return 0;
  const padding = (third >> 1) & 1;
  return Math.floor(((version === 3 ? 144000 : 72000) * kilobits) / rate) + padding;
}
