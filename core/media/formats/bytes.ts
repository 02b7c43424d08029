/** @returns `length` bytes from `offset` on as Latin-1 text; shorter where the bytes end. */
export function textAt(bytes: Uint8Array, offset: number, length: number): string {
  let text = '';
  // Letter by letter: to spread a view of the bytes takes several times as long, and formats are asked for a dozen names.
  for (let at = offset; at < Math.min(bytes.length, offset + length); at++)
    text += String.fromCharCode(bytes[at] as number);
  return text;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
