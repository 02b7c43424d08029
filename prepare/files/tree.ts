import { createHash } from 'node:crypto';
import { type FileHandle, open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Skipped } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { type Content, contentOf, headBytes } from './content.ts';
import { leftoverIn } from './leftovers.ts';
import { listTar } from './tarList.ts';

/** A file below the folder that was given, or inside a tar that lies there. Plain data: it passes between threads. */
export interface FileRef {
  root: string;
  /** Below the root, with `/`; of a tar's member as if it were unpacked beside the tar. */
  name: string;
  inTar: { name: string; offset: number } | null;
  bytes: number;
  /** Of its first bytes: what differs here is no copy. */
  head: string;
  holds: Content;
}

/** A collection as it lies on disk. */
export interface FileTree {
  root: string;
  /** By name, and in its order. */
  files: Map<string, FileRef>;
  /** What was passed over: leftovers of systems, links to what is listed already, what cannot be opened. */
  skipped: Skipped[];
}

/**
 * Lists a folder and the tars in it: whether a set is unpacked or not makes no difference. Links are followed, each place once.
 *
 * @throws {InputError} where there is no such folder.
 */
export async function openTree(root: string): Promise<FileTree> {
  const isFolder = await stat(root).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw new InputError(`Expected a folder at ${root} but there is none. Name it with --from.`, 'not_found');
  const skipped = new Map<string, Skipped>();
  const skip: Skip = (file, reason, broken = false) => skipped.set(file, { file, reason, broken });
  const files = new Map<string, FileRef>();
  const names = await listFolder(root, skip);
  const refs = await inBatches(names, (name) => describeFile(root, name, skip));
  const tars: FileRef[] = [];
  for (const ref of refs) {
    if (ref?.holds.format === 'tar') tars.push(ref);
    else if (ref) files.set(ref.name, ref);
  }
  for (const tar of tars) {
    for (const ref of await listMembers(tar, skip)) {
      if (!files.has(ref.name)) files.set(ref.name, ref);
      else
        skip(
          `${tar.name}: ${ref.name}`,
          'It lies unpacked beside the archive, or in another, and is taken from there.',
        );
    }
  }
  const sorted = new Map(Array.from(files).sort(([a], [b]) => byName(a, b)));
  return { root, files: sorted, skipped: [...skipped.values()] };
}

type Skip = (file: string, reason: string, broken?: boolean) => void;

const leftover = 'It is hidden, or left by a system or a program, and no part of the collection.';
const linked = 'It is a link to what is listed already.';
const special = 'It is no file but a pipe, a socket or a device.';

/** @returns names below the root, in an order that depends on nothing but them. Folders come before links, which may lead to them. */
async function listFolder(root: string, skip: Skip): Promise<string[]> {
  const names: string[] = [];
  const links: string[] = [];
  const seen = new Set<string>(); // real paths
  const visit = async (folder: string) => {
    const real = await realpath(join(root, folder));
    if (seen.has(real)) return skip(`${folder}/`, linked);
    seen.add(real);
    const entries = await readdir(real, { withFileTypes: true }).catch((error) => {
      if (folder === '') throw error;
      skip(`${folder}/`, `It cannot be listed: ${error.code}.`, true);
      return [];
    });
    entries.sort((a, b) => byName(a.name, b.name));
    for (const entry of entries) {
      const name = posix.join(folder, entry.name);
      if (leftoverIn(entry.name)) skip(entry.isDirectory() ? `${name}/` : name, leftover);
      else if (entry.isSymbolicLink()) links.push(name);
      else if (entry.isDirectory()) await visit(name);
      else if (!entry.isFile()) skip(name, special);
      else if (seen.has(join(real, entry.name))) skip(name, linked);
      else {
        seen.add(join(real, entry.name));
        names.push(name);
      }
    }
  };
  await visit('');
  const realRoot = await realpath(root);
  // Folders that links lead to may hold links of their own: the list grows while it is worked through.
  for (let link = links.shift(); link !== undefined; link = links.shift()) {
    const target = await realpath(join(root, link)).catch(() => null);
    const entry = target === null ? null : await stat(target);
    if (target === null || entry === null) skip(link, 'It is a link that leads nowhere.', true);
    else if (seen.has(target)) skip(link, linked);
    else if (realRoot.startsWith(join(target, '/'))) skip(link, 'It is a link to a folder above the collection.');
    else if (entry.isDirectory()) await visit(link);
    else if (!entry.isFile()) skip(link, special);
    else {
      seen.add(target);
      names.push(link);
    }
  }
  return names.sort(byName);
}

async function describeFile(root: string, name: string, skip: Skip): Promise<FileRef | null> {
  try {
    const file = await open(join(root, name));
    try {
      const { size } = await file.stat();
      return { root, name, inTar: null, ...(await describe(file, 0, size)) };
    } finally {
      await file.close();
    }
  } catch (error) {
    skip(name, `It cannot be read: ${(error as NodeJS.ErrnoException).code}.`, true);
    return null;
  }
}

async function describe(file: FileHandle, offset: number, bytes: number) {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(bytes, headBytes)), 0, undefined, offset);
  const head = buffer.subarray(0, bytesRead);
  return { bytes, head: createHash('sha256').update(head).digest('hex').slice(0, 16), holds: await contentOf(head) };
}

async function listMembers(tar: FileRef, skip: Skip): Promise<FileRef[]> {
  const { root } = tar;
  const { members, problem } = await listTar(join(root, tar.name));
  if (problem !== null) skip(tar.name, problem, true);
  const inside = (name: string) => posix.join(posix.dirname(tar.name), posix.join('/', name).slice(1));
  const placed = members.map((member) => ({ ...member, name: inside(member.name) }));
  const places = new Set(placed.flatMap(({ name, link }) => (link === null ? withFolders(name) : [])));
  const refs = new Map<string, FileRef>();
  const file = await open(join(root, tar.name));
  try {
    for (const { name, offset, bytes, link, problem } of placed) {
      const hidden = leftoverIn(name);
      if (hidden) skip(hidden, leftover);
      else if (problem !== null) skip(name, problem, true);
      else if (link !== null && places.has(inside(link))) skip(name, linked);
      else if (link !== null) skip(name, 'It is a link to what is not in the archive.', true);
      else {
        if (refs.has(name))
          skip(`${tar.name}: ${name}`, 'The archive has it once more, further on, as unpacking would leave it.');
        refs.set(name, { root, name, inTar: { name: tar.name, offset }, ...(await describe(file, offset, bytes)) });
      }
    }
    return [...refs.values()];
  } finally {
    await file.close();
  }
}

/** @returns the file, and the folders that it lies in. */
function withFolders(name: string): string[] {
  const parts = name.split('/');
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

/** Some at once: on a network's disk each takes a while. */
async function inBatches<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += 64) {
    results.push(...(await Promise.all(items.slice(start, start + 64).map(work))));
  }
  return results;
}

export async function readRef({ root, name, inTar, bytes: length }: FileRef): Promise<Buffer> {
  if (!inTar) return readFile(join(root, name));
  const file = await open(join(root, inTar.name));
  try {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await file.read(bytes, 0, length, inTar.offset);
    if (bytesRead < length) {
      throw new InputError(`${inTar.name} ends after ${bytesRead} of its ${length} bytes.`, 'unreadable_media');
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** @returns the name without its extension. */
export function stemOf(name: string): string {
  return posix.join(posix.dirname(name), posix.basename(name, posix.extname(name)));
}

/** By the characters' codes: the same order in every locale. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
