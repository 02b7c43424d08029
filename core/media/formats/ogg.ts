import { InputError } from '../../errors.ts';
import { textAt, viewOf } from './bytes.ts';
import { cutShort, damaged, type SoundFormat } from './format.ts';
import { decodePieces } from './pieces.ts';

/** Ogg Vorbis and Ogg Opus. */
export const ogg: SoundFormat = {
  name: 'ogg',
  recognises: (bytes) => textAt(bytes, 0, 4) === 'OggS',
  async decode(bytes, maxSeconds) {
    const decoder = checkPages(bytes);
    return decodePieces(bytes, { decoder, format: 'ogg', maxSeconds, pieceBytes: 2 ** 16 });
  },
};

const firstPage = 2;
const lastPage = 4;

/**
 * Walks from page to page (RFC 3533). Decoders skip what is missing without a word, so that half a file would be taken for a
 * short sound; but the pages say how long they are, and the last one of a stream that it is the last.
 *
 * @returns the decoder for the stream of sound.
 */
function checkPages(bytes: Uint8Array): 'oga' | 'opus' {
  const view = viewOf(bytes);
  const unfinished = new Set<number>();
  let decoder: 'oga' | 'opus' | undefined;
  let offset = 0;
  while (offset < bytes.length) {
    const left = bytes.length - offset;
    if (textAt(bytes, offset, Math.min(4, left)) !== 'OggS'.slice(0, left)) {
      if (decoder && unfinished.size === 0) break; // something after the sound's end
      throw damaged('ogg', `there is no page at byte ${offset}`);
    }
    const segments = left < 27 ? Number.POSITIVE_INFINITY : (bytes[offset + 26] as number);
    const body = offset + 27 + segments;
    if (body > bytes.length) break;
    const flags = bytes[offset + 5] as number;
    const stream = view.getUint32(offset + 14, true);
    if (flags & firstPage) {
      unfinished.add(stream);
      if (textAt(bytes, body, 7) === '\x01vorbis') decoder ??= 'oga';
      if (textAt(bytes, body, 8) === 'OpusHead') decoder ??= 'opus';
    }
    offset = body + bytes.subarray(offset + 27, body).reduce((sum, length) => sum + length, 0);
    if (flags & lastPage && offset <= bytes.length) unfinished.delete(stream);
  }
  if (unfinished.size > 0 || offset > bytes.length)
    throw cutShort('ogg', `its last page is not among its ${bytes.length} bytes`);
  if (!decoder)
    throw new InputError('Expected an ogg file with Vorbis or Opus sound but it holds neither.', 'unsupported_media');
  return decoder;
}
