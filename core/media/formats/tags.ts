import { textAt } from './bytes.ts';

/**
 * Taggers put ID3v2 tags (title, cover, …) in front of sounds of any format (id3.org, ID3v2.4, section 3.1).
 *
 * @returns the bytes behind them.
 */
export function withoutTags(bytes: Uint8Array): Uint8Array {
  let rest = bytes;
  while (textAt(rest, 0, 3) === 'ID3' && rest.length >= 10) {
    const [flags = 0, a = 0, b = 0, c = 0, d = 0] = rest.subarray(5, 10); // seven bits each
    const footerBytes = flags & 0x10 ? 10 : 0;
    rest = rest.subarray(10 + ((a << 21) | (b << 14) | (c << 7) | d) + footerBytes);
  }
  return rest;
}
