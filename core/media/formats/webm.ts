import { cutShort, severalRecordings } from './format.ts';

const ids = { header: 0x1a45dfa3, segment: 0x18538067, cluster: 0x1f43b675, blockGroup: 0xa0, discardPadding: 0x75a2 };
const parents = new Set([ids.segment, ids.cluster, ids.blockGroup]);
/** What recordings of unknown length consist of. Anything else is behind their end. */
const liveElements = new Set([
  ...[ids.header, ids.segment, ids.cluster, ids.blockGroup, ids.discardPadding],
  ...[0x114d9b74, 0x1549a966, 0x1654ae6b, 0x1c53bb6b, 0x1254c367, 0x1043a770, 0x1941a469], // SeekHead … Attachments
  ...[0xe7, 0xa7, 0xab, 0xa3, 0xa1, 0x9b, 0xfb, 0x75a1, 0xec, 0xbf, 0x5854], // of clusters and blocks; Void, CRC-32
]);

/**
 * Walks over segment, clusters and blocks (RFC 8794, RFC 9559): each element says how long it is. mediabunny gives the blocks that are there,
 * and does not read how much of the last one the encoder filled up.
 *
 * @returns seconds at the end that are not part of the sound, and the byte where the file's own end.
 * @throws {InputError} for a file that is cut short, or holds one recording after another.
 */
export function expectWholeWebm(bytes: Uint8Array): { paddingSeconds: number; end: number } {
  let paddingSeconds = 0;
  let segmentEnd = Number.POSITIVE_INFINITY;
  let offset = 0;
  while (offset < Math.min(segmentEnd, bytes.length)) {
    const id = readNumber(bytes, offset, { keepMarker: true });
    const size = id && readNumber(bytes, offset + id.length, { keepMarker: false });
    if (!id || !size) {
      if (bytes[offset] === 0) break; // no element begins so: something behind the end of a live recording
      throw cutShort('webm', `its ${bytes.length} bytes end inside an element's header`);
    }
    if (segmentEnd === Number.POSITIVE_INFINITY && !liveElements.has(id.value)) break;
    if (id.value === ids.header && offset > 0) throw severalRecordings('webm');
    const start = offset + id.length + size.length;
    const end = start + size.value;
    // Live recorders do not know how long segment and clusters become; all others say it.
    if (Number.isFinite(end) && end > bytes.length) throw cutShort('webm', `${bytes.length} of ${end} bytes are there`);
    if (id.value === ids.segment) segmentEnd = end;
    if (id.value === ids.blockGroup) paddingSeconds = 0; // only the last one's counts
    if (id.value === ids.discardPadding && size.value <= 8)
      paddingSeconds = readSigned(bytes.subarray(start, end)) / 1e9;
    offset = parents.has(id.value) || !Number.isFinite(end) ? start : end;
  }
  if (readNumber(bytes, offset, { keepMarker: true })?.value === ids.header) throw severalRecordings('webm');
  return { paddingSeconds: Math.max(0, paddingSeconds), end: Math.min(offset, bytes.length) };
}

function readSigned(digits: Uint8Array): number {
  return digits.reduce((value, byte, i) => value * 256 + (i === 0 ? (byte << 24) >> 24 : byte), 0);
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
  let value = keepMarker ? first : first & (0xff >> length);
  let isUnknown = !keepMarker && value === 0xff >> length; // all ones
  for (let i = offset + 1; i < offset + length; i++) {
    const byte = bytes[i] as number;
    value = value * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return { value: isUnknown ? Number.POSITIVE_INFINITY : value, length };
}
