import { textAt, viewOf } from './bytes.ts';

/**
 * Taggers put ID3v2 tags (title, cover, …) in front of sounds of any format (id3.org, ID3v2.4, section 3.1), and some APEv2 tags; zeros that
 * keep room for more may follow.
 *
 * @returns the bytes behind them.
 */
export function withoutTags(bytes: Uint8Array): Uint8Array {
  let rest = bytes;
  for (let end = endOfTag(rest); end > 0; end = endOfTag(rest)) {
    rest = rest.subarray(end);
    const sound = rest.findIndex((byte) => byte !== 0);
    // The length of an m4a's first box begins with zeros.
    if (sound > 3) rest = rest.subarray(textAt(rest, sound, 4).slice(1) === 'fty' ? sound - 3 : sound);
  }
  return rest;
}

/** @returns 0 where there is none. */
function endOfTag(bytes: Uint8Array): number {
  if (textAt(bytes, 0, 3) === 'ID3' && bytes.length >= 10) {
    const [flags = 0, a = 0, b = 0, c = 0, d = 0] = bytes.subarray(5, 10); // seven bits each
    const footerBytes = flags & 0x10 ? 10 : 0;
    return 10 + ((a << 21) | (b << 14) | (c << 7) | d) + footerBytes;
  }
  return textAt(bytes, 0, 8) === 'APETAGEX' && bytes.length >= 32 ? 32 + viewOf(bytes).getUint32(12, true) : 0;
}
