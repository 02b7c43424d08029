import { viewOf } from './bytes.ts';
import { cutShort, damaged, type SoundFormat } from './format.ts';
import { decodePieces } from './pieces.ts';

/** The sound of a WebM or Matroska file: what browsers record. */
export const webm: SoundFormat = {
  name: 'webm',
  recognises: (bytes) => bytes.length >= 4 && viewOf(bytes).getUint32(0) === 0x1a45dfa3,
  async decode(bytes, maxSeconds) {
    checkElements(bytes);
    return decodePieces(bytes, { decoder: 'webm', format: 'webm', maxSeconds, pieceBytes: 2 ** 16 });
  },
};

const segment = 0x18538067;
const cluster = 0x1f43b675;

/** Walks over segment, clusters and what they hold (RFC 8794): each element says how long it is. */
function checkElements(bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) {
    const id = readNumber(bytes, offset, { keepMarker: true });
    const size = id && readNumber(bytes, offset + id.length, { keepMarker: false });
    if (!id || !size) throw cutShort('webm', `its ${bytes.length} bytes end inside an element's header`);
    const start = offset + id.length + size.length;
    const end = start + size.value;
    // Live recorders do not know how long segment and clusters become; all others say it.
    if (Number.isFinite(end) && end > bytes.length) throw cutShort('webm', `${bytes.length} of ${end} bytes are there`);
    const isParent = id.value === segment || id.value === cluster;
    if (!isParent && !Number.isFinite(end)) throw damaged('webm', `the element at byte ${offset} has no length`);
    offset = isParent ? start : end;
  }
}

/** EBML's numbers: the first byte's leading zeros tell how many more follow. @returns undefined where the bytes end. */
function readNumber(
  bytes: Uint8Array,
  offset: number,
  { keepMarker }: { keepMarker: boolean },
): { value: number; length: number } | undefined {
  const first = bytes[offset] ?? 0;
  const length = Math.clz32(first) - 23;
  if (length > 8 || offset + length > bytes.length) return undefined;
  const digits = bytes.subarray(offset + 1, offset + length);
  const lead = keepMarker ? first : first & (0xff >> length);
  const isUnknown = !keepMarker && lead === 0xff >> length && digits.every((byte) => byte === 0xff);
  const value = isUnknown ? Number.POSITIVE_INFINITY : digits.reduce((sum, byte) => sum * 256 + byte, lead);
  return { value, length };
}
