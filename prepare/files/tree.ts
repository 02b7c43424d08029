import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { InputError } from '#core/errors.ts';
import { listTar } from './tarList.ts';

/** A file below the folder that was given, or inside a tar that lies there. Plain data: it passes between threads. */
export interface FileRef {
  root: string;
  /** Below the root, with `/`; of a tar's member as if it were unpacked beside the tar. */
  name: string;
  inTar: { name: string; offset: number; bytes: number } | null;
}

/** All files below a folder, by name. */
export type FileTree = Map<string, FileRef>;

/**
 * Lists a folder and the tars in it, links followed: whether a set is unpacked or not makes no difference.
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
  const names = await listFolder(root, '');
  const tree: FileTree = new Map(names.map((name) => [name, { root, name, inTar: null }]));
  for (const tar of names.filter((name) => name.endsWith('.tar'))) {
    for (const { name: inside, offset, bytes } of await listTar(join(root, tar))) {
      const name = posix.join(posix.dirname(tar), inside);
      if (!tree.has(name)) tree.set(name, { root, name, inTar: { name: tar, offset, bytes } });
    }
  }
  return tree;
}

/** @returns names below the root, in an order that depends on nothing but them. */
async function listFolder(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const name = posix.join(folder, entry.name);
    const isFolder = entry.isSymbolicLink()
      ? await stat(join(root, name)).then(
          (target) => target.isDirectory(),
          () => false,
        )
      : entry.isDirectory();
    if (isFolder) for (const inside of await listFolder(root, name)) names.push(inside);
    else names.push(name);
  }
  return names;
}

export async function readRef({ root, name, inTar }: FileRef): Promise<Buffer> {
  if (!inTar) return readFile(join(root, name));
  const file = await open(join(root, inTar.name));
  try {
    const bytes = Buffer.alloc(inTar.bytes);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, inTar.offset);
    if (bytesRead < bytes.length) {
      throw new InputError(`${inTar.name} ends after ${bytesRead} of its ${bytes.length} bytes.`, 'unreadable_media');
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

const extensions = {
  sound: ['.wav', '.mp3', '.ogg', '.oga', '.opus', '.flac', '.m4a', '.webm'],
  picture: ['.jpg', '.jpeg', '.png', '.webp'],
  video: ['.mp4', '.m4v', '.webm', '.mkv', '.mov', '.avi'],
};

/** By the name: what the bytes are is found out when they are decoded. */
export function looksLike(kind: keyof typeof extensions, name: string): boolean {
  return extensions[kind].includes(posix.extname(name).toLowerCase());
}
