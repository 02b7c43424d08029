import { InputError } from '../../errors.ts';
import { textAt, viewOf } from './bytes.ts';
import { cutShort, damaged } from './format.ts';

const firstPage = 2;

/**
 * Walks from page to page (RFC 3533): mediabunny reads the pages that are there, and does not say that one is missing in the middle or cut. A
 * file may end without the end-of-stream flag; many recorders do not set it.
 *
 * @returns the byte where the last page ends, and the highest granule position that a page has: samples, for Vorbis, Opus and FLAC.
 * @throws {InputError} for a file that is cut short or damaged, or holds one recording after another.
 */
export function expectWholeOgg(bytes: Uint8Array): { end: number; granules: number } {
  const view = viewOf(bytes);
  const open = new Map<number, { page: number; isInPacket: boolean }>();
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
    if (isFirst && !isBeginning) {
      throw new InputError(
        'Expected an ogg file of one recording but another begins behind it. Split it or convert it to wav.',
        'unsupported_media',
      );
    }
    const previous = open.get(stream);
    if (previous && page > previous.page + 1)
      throw damaged('ogg', `${page - previous.page - 1} of its pages are missing`);
    if (!isFirst) isBeginning = false;
    open.set(stream, {
      page,
      isInPacket: lacing.at(-1) === 255 || (lacing.length === 0 && previous?.isInPacket === true),
    });
    offset = end;
  }
  if (Array.from(open.values()).some(({ isInPacket }) => isInPacket)) {
    throw cutShort('ogg', 'its last packet goes on behind its end');
  }
  return { end: offset, granules };
}

function hasPageBehind(bytes: Uint8Array, offset: number): boolean {
  for (let at = bytes.indexOf(0x4f, offset); at !== -1; at = bytes.indexOf(0x4f, at + 1)) {
    if (textAt(bytes, at, 5) === 'OggS\0') return true;
  }
  return false;
}
