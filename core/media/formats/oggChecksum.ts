/** Entry i of table k: what the byte i adds to the checksum when k more bytes follow. */
const tables = Array.from({ length: 4 }, () => new Uint32Array(256));
for (let i = 0; i < 256; i++) {
  let value = i << 24;
  for (const table of tables) {
    for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
    table[i] = value;
  }
}

/** Of a page, its own checksum taken for zeros (RFC 3533, section 6): four bytes a step. */
export function oggChecksum(bytes: Uint8Array, start: number, end: number): number {
  const [one, two, three, four] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  const own = start + 22;
  const step = (sum: number, at: number) =>
    (sum << 8) ^ (one[(sum >>> 24) ^ (at >= own && at < own + 4 ? 0 : (bytes[at] as number))] as number);
  let sum = 0;
  let at = start;
  for (; at < own + 4; at++) sum = step(sum, at);
  for (; at + 4 <= end; at += 4) {
    const word =
      sum ^
      (((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number));
    sum =
      (four[word >>> 24] as number) ^
      (three[(word >>> 16) & 255] as number) ^
      (two[(word >>> 8) & 255] as number) ^
      (one[word & 255] as number);
  }
  for (; at < end; at++) sum = step(sum, at);
  return sum >>> 0;
}
