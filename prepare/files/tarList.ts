import { open } from 'node:fs/promises';
import { InputError } from '#core/errors.ts';

export interface ListedMember {
  name: string;
  /** Of the file's first byte in the archive. */
  offset: number;
  bytes: number;
  /** Of a link: what it leads to. */
  link: string | null;
}

export interface TarList {
  members: ListedMember[];
  /** The archive ends in the middle of a file, or of a header. */
  isCut: boolean;
}

const blockBytes = 512;

/**
 * The files in a plain tar, by reading its headers alone: USTAR, and the long names of GNU and POSIX (pax). An archive that is cut
 * short is listed as far as it goes.
 *
 * @throws {InputError} for a file that is no tar.
 */
export async function listTar(path: string): Promise<TarList> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const read = async (offset: number, bytes: number) =>
      (await file.read(Buffer.alloc(bytes), 0, bytes, offset)).buffer;
    const members: ListedMember[] = [];
    let longName: string | null = null;
    let offset = 0;
    while (offset + blockBytes <= size) {
      const header = await read(offset, blockBytes);
      if (header.every((byte) => byte === 0)) return { members, isCut: false };
      if (checksum(header) !== parseOctal(header, 148, 8)) {
        throw new InputError(`Expected a tar archive but ${path} is none at byte ${offset}. Unpack it first.`);
      }
      const bytes = parseNumber(header, 124, 12);
      const start = offset + blockBytes;
      const type = String.fromCharCode(header[156] as number);
      if (type === 'L') longName = textOf(await read(start, bytes));
      else if (type === 'x') longName = paxPath(await read(start, bytes)) ?? longName;
      else {
        const link = type === '1' || type === '2' ? textOf(header.subarray(157, 257)) : null;
        const isFile = type === '0' || type === '\0' || type === '7';
        if (isFile || link !== null) members.push({ name: longName ?? nameOf(header), offset: start, bytes, link });
        longName = null;
      }
      offset = start + Math.ceil(bytes / blockBytes) * blockBytes;
    }
    const { offset: start = 0, bytes = 0 } = members.at(-1) ?? {};
    return { members, isCut: start + bytes > size || offset < size };
  } finally {
    await file.close();
  }
}

function nameOf(header: Buffer): string {
  const isUstar = header.toString('latin1', 257, 262) === 'ustar';
  const prefix = isUstar && header[263] === 0x30 ? textOf(header.subarray(345, 500)) : ''; // GNU keeps other things there
  const name = textOf(header.subarray(0, 100));
  return prefix ? `${prefix}/${name}` : name;
}

function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}

/** Lines of `LENGTH KEY=VALUE`. */
function paxPath(bytes: Buffer): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(bytes.toString('utf8'))?.[1];
}

function parseOctal(header: Buffer, start: number, length: number): number {
  return Number.parseInt(textOf(header.subarray(start, start + length)).trim() || '0', 8);
}

/** Octal digits, or, marked by the highest bit, a binary number (sizes of 8 GB and more). */
function parseNumber(header: Buffer, start: number, length: number): number {
  if ((header[start] as number) < 0x80) return parseOctal(header, start, length);
  return header.subarray(start + 1, start + length).reduce((sum, byte) => sum * 256 + byte, 0);
}

/** The sum of the header's bytes, those of the sum itself taken as spaces. */
function checksum(header: Buffer): number {
  return header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0);
}
