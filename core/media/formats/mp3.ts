import { textAt, viewOf } from './bytes.ts';
import { cutShort, type SoundFormat } from './format.ts';
import { decodePieces } from './pieces.ts';

export const mp3: SoundFormat = {
  name: 'mp3',
  recognises(bytes) {
    if (textAt(bytes, 0, 3) === 'ID3') return true;
    const length = frameLength(bytes, 0);
    // Two bytes can be like a frame's by chance: the next frame must follow.
    return length > 0 && (length >= bytes.length || frameLength(bytes, length) > 0);
  },
  async decode(bytes, maxSeconds) {
    checkFrames(bytes);
    return decodePieces(bytes, { decoder: 'mp3', format: 'mp3', maxSeconds, pieceBytes: 2 ** 16 });
  },
};

/** Encoders count the frames in the first one ("Xing" or "Info"); where none counted, the last frame must be whole. */
function checkFrames(bytes: Uint8Array): void {
  let offset = afterTag(bytes);
  if (offset >= bytes.length) throw cutShort('mp3', 'it ends before its sound begins');
  const counted = countedFrames(bytes, offset);
  let frames = 0;
  for (let length = frameLength(bytes, offset); length > 0; length = frameLength(bytes, offset)) {
    offset += length;
    if (offset > bytes.length) throw cutShort('mp3', `its last frame lacks ${offset - bytes.length} bytes`);
    frames++;
  }
  const walkedToTheEnd = offset + 3 >= bytes.length || textAt(bytes, offset, 3) === 'TAG';
  if (walkedToTheEnd && frames < counted) throw cutShort('mp3', `${frames} of ${counted} frames are there`);
}

/** @returns where the sound begins: after the ID3v2 tag (title, cover, …), if there is one. */
function afterTag(bytes: Uint8Array): number {
  if (textAt(bytes, 0, 3) !== 'ID3' || bytes.length < 10) return 0;
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(6, 10); // seven bits each
  return 10 + ((a << 21) | (b << 14) | (c << 7) | d);
}

function countedFrames(bytes: Uint8Array, offset: number): number {
  for (const distance of [13, 21, 36]) {
    // its place depends on version and channels
    if (offset + distance + 12 > bytes.length) return 0;
    const name = textAt(bytes, offset + distance, 4);
    if (name !== 'Xing' && name !== 'Info') continue;
    const view = viewOf(bytes);
    return view.getUint32(offset + distance + 4) & 1 ? view.getUint32(offset + distance + 8) : 0;
  }
  return 0;
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
