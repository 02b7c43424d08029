/**
 * One record as TensorFlow frames it: length (uint64), its checksum, the bytes, their checksum; all little-endian.
 * A reader that meets a record cut short waits for the rest.
 */
export function tfRecord(bytes: Uint8Array): Buffer {
  const record = Buffer.alloc(8 + 4 + bytes.length + 4);
  record.writeBigUInt64LE(BigInt(bytes.length));
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(bytes, 12);
  record.writeUInt32LE(maskedCrc32c(bytes), 12 + bytes.length);
  return record;
}

/** Masked, because the checksum of bytes that themselves hold checksums would be weak. */
function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** CRC-32C (Castagnoli, RFC 3720 appendix B.4), which Node's zlib has not. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (crcOfByte[(crc ^ byte) & 0xff] as number);
  return ~crc >>> 0;
}

const crcOfByte = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  return crc;
});
