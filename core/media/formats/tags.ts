import { textAt, viewOf } from './bytes.ts';

/**
 * Taggers put ID3v2 tags (title, cover, …) in front of sounds of any format (id3.org, ID3v2.4, section 3.1), and some APEv2 tags; zeros that
 * keep room for more may follow. Behind the sound APEv2 tags have covers too, which may look like frames of MP3.
 *
 * @returns the bytes between them.
 */
export function withoutTags(bytes: Uint8Array): Uint8Array {
  let rest = bytes.subarray(0, startOfTagBehind(bytes));
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

const footerBytes = 32;
const id3v1Bytes = 128;

/** @returns where the APEv2 tag at the end begins, an ID3v1 tag behind it or not; the length where there is none. */
function startOfTagBehind(bytes: Uint8Array): number {
  for (const end of [bytes.length, bytes.length - id3v1Bytes]) {
    const footer = end - footerBytes;
    if (footer < 0 || textAt(bytes, footer, 8) !== 'APETAGEX') continue;
    const view = viewOf(bytes);
    const headerBytes = view.getUint32(footer + 20, true) >>> 31 ? footerBytes : 0;
    return Math.max(0, end - view.getUint32(footer + 12, true) - headerBytes);
  }
  return bytes.length;
}
