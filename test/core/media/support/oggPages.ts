/** The pages of an Ogg file that has them one behind the other. */
export function oggPages(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const starts = Array.from(
    Buffer.from(bytes)
      .toString('latin1')
      .matchAll(/OggS\0/g),
    ({ index }) => index,
  );
  return starts.map((start, i) => new Uint8Array(bytes.subarray(start, starts[i + 1])));
}

/** RFC 3533: CRC-32 with the polynomial 0x04c11db7, of the page with zeros for the checksum. Written into the page. */
export function mendChecksum(page: Uint8Array<ArrayBuffer>): void {
  const view = new DataView(page.buffer, page.byteOffset);
  view.setUint32(22, 0, true);
  let checksum = 0;
  for (const byte of page) {
    checksum ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) checksum = checksum & 0x80000000 ? (checksum << 1) ^ 0x04c11db7 : checksum << 1;
  }
  view.setUint32(22, checksum >>> 0, true);
}
