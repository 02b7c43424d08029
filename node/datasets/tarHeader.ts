/** Of a tar, in which every file begins at a whole number of them. */
export const tarBlockBytes = 512;

/** The block before a file's bytes (POSIX ustar). @param name at most 100 characters of ASCII. */
export function tarHeader(name: string, bytes: number): Buffer {
  const block = Buffer.alloc(tarBlockBytes);
  const octal = (value: number, at: number, digits: number) => block.write(value.toString(8).padStart(digits, '0'), at);
  block.write(name, 0, 'latin1');
  octal(0o644, 100, 7);
  octal(0, 108, 7); // user
  octal(0, 116, 7); // group
  octal(bytes, 124, 11);
  octal(0, 136, 11); // time of change
  block.fill(' ', 148, 156); // as which the sum counts itself
  block.write('0', 156); // a file
  block.write('ustar\x0000', 257, 'latin1');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  block.write('\0 ', 154, 'latin1');
  return block;
}
