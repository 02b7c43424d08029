import { textAt, viewOf } from './bytes.ts';
import { cutShort, severalRecordings } from './format.ts';

/** What stands at the top of MPEG-4 files (ISO/IEC 14496-12 and QuickTime's). */
const topBoxes = new Set(
  'ftyp styp moov moof mdat mfra sidx ssix prft emsg free skip wide uuid meta udta pdin pnot PICT'.split(' '),
);

/**
 * Steps over the boxes at the top: mediabunny gives what is there of a file, and does not say that a box is longer than it. What is no box, nor
 * stands before one, is something behind the end.
 *
 * @returns the byte where the last box ends.
 * @throws {InputError} for a file that is cut short, or holds one recording after another.
 */
export function expectWholeM4a(bytes: Uint8Array): { end: number } {
  const view = viewOf(bytes);
  let end = 0;
  let movies = 0;
  for (let offset = nextBox(bytes, 0); offset !== null; offset = nextBox(bytes, end)) {
    const name = textAt(bytes, offset + 4, 4);
    const size = readSize(view, offset);
    if (size < 8) break;
    if (offset + size > bytes.length) {
      throw cutShort('m4a', `its box "${name}" has ${bytes.length - offset} of ${size} bytes`);
    }
    if (name === 'moov' && ++movies > 1) throw severalRecordings('m4a');
    end = offset + size;
  }
  return { end };
}

/** @returns where the next box begins that is known, behind those that makers of cameras and programs put in; null: there is none. */
function nextBox(bytes: Uint8Array, offset: number): number | null {
  const view = viewOf(bytes);
  for (let at = offset; at + 8 <= bytes.length; ) {
    if (topBoxes.has(textAt(bytes, at + 4, 4))) return at;
    const size = readSize(view, at);
    if (size < 8) return null;
    at += size;
  }
  return null;
}

function readSize(view: DataView, offset: number): number {
  const size = view.getUint32(offset);
  if (size === 0) return view.byteLength - offset; // to the end
  return size === 1 && offset + 16 <= view.byteLength ? Number(view.getBigUint64(offset + 8)) : size;
}

const cookieBytes = 24;

/** Apple Lossless' settings, in the box "alac" of 36 bytes. mediabunny reads the file's tables but not this codec's box. */
export function alacCookie(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes);
  for (let at = 4; at + 8 + cookieBytes <= bytes.length; at++) {
    if (view.getUint32(at) !== 0x616c6163 || view.getUint32(at - 4) !== 12 + cookieBytes) continue; // "alac"
    return bytes.slice(at + 8, at + 8 + cookieBytes);
  }
  return undefined;
}
