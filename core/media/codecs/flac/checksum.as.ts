// The checksum of a frame (RFC 9639, section 9.3): x^16 + x^15 + x^2 + 1, of four bytes at once.

/** uint16 `[4, 256]`: what a byte adds, with so many bytes behind it. */
const tables = memory.data(4 * 256 * 2, 16);

export function makeChecksums(): void {
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte << 8;
    for (let behind = 0; behind < 4; behind++) {
      for (let bit = 0; bit < 8; bit++) sum = ((sum << 1) ^ (sum & 0x8000 ? 0x8005 : 0)) & 0xffff;
      store<u16>(tables + (<usize>((behind << 8) + byte) << 1), sum);
    }
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function added(behind: i32, byte: u32): u32 {
  return load<u16>(tables + (<usize>(<u32>(behind << 8) + byte) << 1));
}

/** @returns 0 of a frame that ends with its own checksum. */
export function checksumOf(place: usize, length: i32): u32 {
  let sum: u32 = 0;
  const end = place + length;
  for (; place + 4 <= end; place += 4) {
    const four = bswap<u32>(load<u32>(place)) ^ (sum << 16);
    sum = added(3, four >> 24) ^ added(2, (four >> 16) & 255) ^ added(1, (four >> 8) & 255) ^ added(0, four & 255);
  }
  for (; place < end; place++) sum = ((sum << 8) & 0xffff) ^ added(0, (sum >> 8) ^ load<u8>(place));
  return sum;
}
