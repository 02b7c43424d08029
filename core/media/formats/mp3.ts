import { InputError } from '../../errors.ts';
import { textAt, viewOf } from './bytes.ts';
import { cutShort } from './format.ts';

/**
 * Walks from frame to frame: mediabunny gives those that are there, and does not say that the last one is cut, or that there are fewer than
 * the encoder counted in the first one ("Xing" or "Info").
 *
 * @returns the frame with the count, which is no sound; mpg123 reads from it how much silence the encoder added.
 * @throws {InputError} for a file that is cut short.
 */
export function expectWholeMp3(bytes: Uint8Array): { infoFrame: Uint8Array | null } {
  expectLayer3(bytes);
  const start = firstFrame(bytes);
  let offset = start;
  let frames = 0;
  while (offset < bytes.length) {
    const length = frameLength(bytes, offset);
    if (length === 0) {
      offset = firstFrame(bytes, offset + 1, { isSure: true }); // behind what is damaged, or a tag
      continue;
    }
    offset += length;
    if (offset > bytes.length) throw cutShort('mp3', `its last frame lacks ${offset - bytes.length} bytes`);
    frames++;
  }
  const info = readInfo(bytes, start);
  if (info && frames < info.frames) throw cutShort('mp3', `${frames} of ${info.frames} frames are there`);
  return { infoFrame: info && bytes.slice(start, start + frameLength(bytes, start)) };
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

function readInfo(bytes: Uint8Array, offset: number): { frames: number } | null {
  for (const distance of [13, 21, 36]) {
    // its place depends on version and channels
    if (offset + distance + 12 > bytes.length) return null;
    const name = textAt(bytes, offset + distance, 4);
    if (name !== 'Xing' && name !== 'Info') continue;
    const view = viewOf(bytes);
    return { frames: view.getUint32(offset + distance + 4) & 1 ? view.getUint32(offset + distance + 8) : 0 };
  }
  return null;
}

// kbit/s by the header's four bits (ISO/IEC 11172-3 and 13818-3, layer III)
const bitrates1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const bitrates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const sampleRates = [44100, 48000, 32000]; // Hz, MPEG-1; half in MPEG-2, a quarter in MPEG-2.5

/** @returns bytes of the layer III frame at `offset`; 0 where there is none. */
function frameLength(bytes: Uint8Array, offset: number): number {
  const [first = 0, second = 0, third = 0] = bytes.subarray(offset, offset + 3);
  const version = (second >> 3) & 3; // 0: MPEG-2.5, 2: MPEG-2, 3: MPEG-1
  const isLayer3 = ((second >> 1) & 3) === 1;
  if (first !== 0xff || second >> 5 !== 7 || version === 1 || !isLayer3) return 0;
  const kilobits = (version === 3 ? bitrates1 : bitrates2)[third >> 4];
  const rate = sampleRates[(third >> 2) & 3];
  if (!kilobits || !rate) return 0;
  const padding = (third >> 1) & 1;
  return version === 3
    ? Math.floor((144000 * kilobits) / rate) + padding
    : Math.floor((72000 * kilobits) / (version === 2 ? rate / 2 : rate / 4)) + padding;
}
