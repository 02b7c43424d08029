import { type FileHandle, open } from 'node:fs/promises';
import { posix } from 'node:path';

/** One that is no folder. */
export interface ListedMember {
  name: string;
  /** Of the file's first byte in the archive; a hard link's are those of the file that it is. */
  offset: number;
  bytes: number;
  /** Of a symbolic link: what it leads to, in the archive. */
  link: string | null;
  /** Why its bytes are not the file's, in words; null: they are. */
  problem: string | null;
}

export interface TarList {
  members: ListedMember[];
  /** Why there may be more than is listed, in words; null: that is all. */
  problem: string | null;
}

const blockBytes = 512;
/** Of a member's long name and other attributes. */
const longestAttributes = 2 ** 20;

const sparse = 'It is packed with its zeros left out. Pack it without --sparse, or unpack it.';
const special = 'It is no file but a device or a pipe.';
const otherVolume = 'It began in another volume of the archive. Unpack it.';

/**
 * The files in a plain tar, by reading its headers alone: those before USTAR, USTAR, and the long names of GNU and POSIX (pax). Archives
 * that were put behind one another are read as one. What is cut short or damaged is listed as far as it goes.
 */
export async function listTar(path: string): Promise<TarList> {
  const file = await open(path);
  try {
    return await listMembers(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

async function listMembers(file: FileHandle, size: number): Promise<TarList> {
  const members: ListedMember[] = [];
  const byName = new Map<string, ListedMember>(); // hard links lead to them
  const stop = (problem: string | null): TarList => ({ members, problem });
  const read = async (offset: number, bytes: number) => (await file.read(Buffer.alloc(bytes), 0, bytes, offset)).buffer;
  let attributes = new Map<string, string>();
  let offset = 0;
  let isBehindEnd = false;
  while (offset + blockBytes <= size) {
    const header = await read(offset, blockBytes);
    if (header.every((byte) => byte === 0)) {
      isBehindEnd = true;
      offset = await skipZeros(read, offset + blockBytes, size);
      continue;
    }
    if (!hasChecksum(header)) {
      const what = isBehindEnd ? 'What stands behind its end' : 'The archive is damaged: what comes';
      return stop(`${what}, from byte ${offset} on, is not read.`);
    }
    isBehindEnd = false;
    const type = String.fromCharCode(header[156] as number);
    const bytes = Number(attributes.get('size') ?? parseNumber(header, 124, 12));
    let start = offset + blockBytes;
    if ('LKxX'.includes(type)) {
      if (bytes > longestAttributes || start + bytes > size) return stop(cutAt(start));
      const text = await read(start, bytes);
      if (type === 'L') attributes.set('path', textOf(text));
      else if (type === 'K') attributes.set('linkpath', textOf(text));
      else attributes = new Map([...attributes, ...paxRecords(text)]);
    } else {
      const member = describeMember(header, { attributes, type, start, bytes, byName });
      if (type === 'S')
        for (let more = header[482]; more; start += blockBytes) more = (await read(start, blockBytes))[504];
      if (member && member.problem === null && start + bytes > size) return stop(cutAt(start, member.name));
      if (member) members.push(member);
      if (member) byName.set(posix.normalize(member.name), member);
      attributes = new Map();
    }
    offset = start + Math.ceil(bytes / blockBytes) * blockBytes;
  }
  return stop(offset < size || attributes.size > 0 ? cutAt(offset) : null);
}

function cutAt(byte: number, name?: string): string {
  return `The archive is cut short${name ? ` in ${name}` : ''}: what comes from byte ${byte} on is not there.`;
}

type Read = (offset: number, bytes: number) => Promise<Buffer>;

/** Archives end with two blocks of zeros and are filled up with more. @returns where the next block with something else is. */
async function skipZeros(read: Read, offset: number, size: number): Promise<number> {
  const step = 128 * blockBytes;
  for (let at = offset; at < size; at += step) {
    const found = (await read(at, Math.min(step, size - at))).findIndex((byte) => byte !== 0);
    if (found !== -1) return at + found - (found % blockBytes);
  }
  return size;
}

interface MemberHeader {
  attributes: Map<string, string>;
  type: string;
  start: number;
  bytes: number;
  /** Those before it. */
  byName: Map<string, ListedMember>;
}

/** @returns null for folders, and for what only describes the archive. */
function describeMember(header: Buffer, { attributes, type, start, bytes, byName }: MemberHeader): ListedMember | null {
  const name = attributes.get('GNU.sparse.name') ?? attributes.get('path') ?? nameOf(header);
  const link = attributes.get('linkpath') ?? textOf(header.subarray(157, 257));
  const member = { name, offset: start, bytes, link: null, problem: null };
  if ('5gVDNAEI'.includes(type) || name.endsWith('/')) return null;
  if (type === 'S' || [...attributes.keys()].some((key) => key.startsWith('GNU.sparse.')))
    return { ...member, problem: sparse };
  if ('346'.includes(type)) return { ...member, problem: special };
  if (type === 'M') return { ...member, problem: otherVolume };
  if (type === '2') return { ...member, link: posix.join(posix.dirname(name), link) };
  if (type !== '1') return member;
  const file = byName.get(posix.normalize(link));
  return file ? { ...file, name } : { ...member, link: posix.normalize(link) };
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

/** Of `LENGTH KEY=VALUE`, each with a line end that the length counts too. */
function paxRecords(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const length = Number.parseInt(bytes.toString('latin1', at, at + 20), 10);
    if (!(length > 0)) break;
    const [, key, value] = /^\d+ ([^=]*)=(.*)\n$/s.exec(bytes.toString('utf8', at, at + length)) ?? [];
    if (key !== undefined && value !== undefined) records.set(key, value);
    at += length;
  }
  return records;
}

function parseOctal(header: Buffer, start: number, length: number): number {
  return Number.parseInt(textOf(header.subarray(start, start + length)).trim() || '0', 8);
}

/** Octal digits, or, marked by the highest bit, a binary number (sizes of 8 GB and more). */
function parseNumber(header: Buffer, start: number, length: number): number {
  if ((header[start] as number) < 0x80) return parseOctal(header, start, length);
  return header.subarray(start + 1, start + length).reduce((sum, byte) => sum * 256 + byte, 0);
}

/** The sum of the header's bytes, those of the sum itself taken as spaces; some old programs took bytes for signed. */
function hasChecksum(header: Buffer): boolean {
  const wanted = parseOctal(header, 148, 8);
  const isOwn = (i: number) => i >= 148 && i < 156;
  const unsigned = header.reduce((sum, byte, i) => sum + (isOwn(i) ? 0x20 : byte), 0);
  const signed = header.reduce((sum, byte, i) => sum + (isOwn(i) ? 0x20 : (byte << 24) >> 24), 0);
  return wanted === unsigned || wanted === signed;
}
