import { joinBytes } from '../../joinBytes.ts';
import { textAt, viewOf } from './bytes.ts';
import { cutShort, damaged, severalRecordings } from './format.ts';
import { oggChecksum } from './oggChecksum.ts';

const firstPage = 2;
const lastPage = 4;

/**
 * Walks from page to page (RFC 3533): mediabunny reads the pages that are there, and does not say that one is missing in the middle or cut. A
 * file may end without the end-of-stream flag; many recorders do not set it.
 *
 * @returns the byte where the last page ends, the highest granule position that a page has (samples, for Vorbis, Opus and FLAC), and whether
 *   that is the sound's end: with the flag, the encoder filled the last packet up.
 * @throws {InputError} for a file that is cut short or damaged, or holds one recording after another.
 */
export function expectWholeOgg(bytes: Uint8Array): { end: number; granules: number; endSeconds: boolean } {
  const view = viewOf(bytes);
  const open = new Map<number, { page: number; isInPacket: boolean; isLast: boolean }>();
  let offset = 0;
  let granules = 0;
  for (let isBeginning = true; offset < bytes.length; ) {
    const left = bytes.length - offset;
    if (textAt(bytes, offset, Math.min(4, left)) !== 'OggS'.slice(0, left)) {
      if (Array.from(open.values()).some(({ isInPacket }) => isInPacket))
        throw damaged('ogg', `there is no page at byte ${offset}`);
      if (hasPageBehind(bytes, offset)) throw damaged('ogg', `there is no page at byte ${offset}`);
      break; // something after the sound's end
    }
    const segments = left < 27 ? Number.POSITIVE_INFINITY : (bytes[offset + 26] as number);
    const body = offset + 27 + segments;
    const lacing = bytes.subarray(offset + 27, body);
    const end = body + lacing.reduce((sum, length) => sum + length, 0);
    if (body > bytes.length || end > bytes.length) throw cutShort('ogg', 'its last page is not all there');
    const stream = view.getUint32(offset + 14, true);
    const page = view.getUint32(offset + 18, true);
    granules = Math.max(granules, Number(view.getBigInt64(offset + 6, true))); // −1: no packet ends on the page
    const isFirst = ((bytes[offset + 5] as number) & firstPage) !== 0;
    if (isFirst && !isBeginning) throw severalRecordings('ogg');
    if (oggChecksum(bytes, offset, end) !== view.getUint32(offset + 22, true))
      throw damaged('ogg', `the page at byte ${offset} has a wrong checksum`);
    const previous = open.get(stream);
    if (previous && page > previous.page + 1)
      throw damaged('ogg', `${page - previous.page - 1} of its pages are missing`);
    if (previous && page <= previous.page) throw damaged('ogg', `its page ${page} comes twice, or too late`);
    if (!isFirst) isBeginning = false;
    open.set(stream, {
      page,
      isInPacket: lacing.at(-1) === 255 || (lacing.length === 0 && previous?.isInPacket === true),
      isLast: previous?.isLast === true || ((bytes[offset + 5] as number) & lastPage) !== 0,
    });
    offset = end;
  }
  if (Array.from(open.values()).some(({ isInPacket }) => isInPacket)) {
    throw cutShort('ogg', 'its last packet goes on behind its end');
  }
  return { end: offset, granules, endSeconds: Array.from(open.values()).every(({ isLast }) => isLast) };
}

/**
 * The packets of one recording in a file that is whole, behind its headers: 10 s of sound in 0.1 ms, where mediabunny takes 2.
 *
 * @param headers packets that are no sound.
 * @returns with each packet the granule position of the last page that is there up to its end.
 */
export function* oggPackets(
  bytes: Uint8Array,
  { stream, headers }: { stream: number; headers: number },
): Generator<{ data: Uint8Array; granules: number }> {
  const view = viewOf(bytes);
  let parts: Uint8Array[] = []; // of a packet that goes on on another page
  let seen = 0;
  let granules = 0;
  for (let offset = 0; offset < bytes.length; ) {
    const bodyStart = offset + 27 + (bytes[offset + 26] as number);
    const lacing = bytes.subarray(offset + 27, bodyStart);
    const isOwn = view.getUint32(offset + 14, true) === stream;
    const isLast = ((bytes[offset + 5] as number) & lastPage) !== 0;
    const pageGranules = Number(view.getBigInt64(offset + 6, true));
    const lastEnd = lacing.findLastIndex((length) => length < 255);
    let [start, end] = [bodyStart, bodyStart];
    for (let i = 0; i < lacing.length; i++) {
      end += lacing[i] as number;
      if (!isOwn || lacing[i] === 255) continue;
      const data = parts.length === 0 ? bytes.subarray(start, end) : joinBytes([...parts, bytes.subarray(start, end)]);
      [parts, start] = [[], end];
      if (i === lastEnd) granules = pageGranules;
      if (++seen > headers && data.length > 0) yield { data, granules };
    }
    if (isOwn && start < end) parts.push(bytes.subarray(start, end));
    if (isOwn && isLast) return;
    offset = end;
  }
}

function hasPageBehind(bytes: Uint8Array, offset: number): boolean {
  for (let at = bytes.indexOf(0x4f, offset); at !== -1; at = bytes.indexOf(0x4f, at + 1)) {
    if (textAt(bytes, at, 5) === 'OggS\0') return true;
  }
  return false;
}
