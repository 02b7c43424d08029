export interface DecodedText {
  text: string;
  encoding: 'UTF-8' | 'UTF-16' | 'Windows-1252';
}

/** Text as programs save it: UTF-8, UTF-16 as a spreadsheet's "Unicode text", or, where it is neither, Windows-1252. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return utf16(bytes, 'utf-16le');
  if (first === 0xfe && second === 0xff) return utf16(bytes, 'utf-16be');
  // Without a mark: of Latin letters every other byte is 0.
  const start = bytes.subarray(0, 1000);
  const zerosAt = (parity: number) => start.filter((byte, i) => byte === 0 && i % 2 === parity).length;
  if (zerosAt(1) > 0.3 * start.length) return utf16(bytes, 'utf-16le');
  if (zerosAt(0) > 0.3 * start.length) return utf16(bytes, 'utf-16be');
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'UTF-8' };
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes), encoding: 'Windows-1252' };
  }
}

function utf16(bytes: Uint8Array, label: string): DecodedText {
  return { text: new TextDecoder(label).decode(bytes), encoding: 'UTF-16' };
}
