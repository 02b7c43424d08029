import { statSync } from 'node:fs';
import { open, readFile, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { InputError } from '#core/errors.ts';
import { filePathSchema, pathNames } from '#core/fileName.ts';

/** @throws {InputError} for a file that is not there or cannot be read. */
export async function read(path: string): Promise<Uint8Array> {
  const { buffer, byteOffset, length } = await readFile(path).catch((cause) => failToRead(path, cause));
  return new Uint8Array(buffer, byteOffset, length); // of a Buffer `slice` would be a view, not a copy
}

/** Whether a folder stands there; what cannot be looked at is none. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Line by line, however long the file. @throws {InputError} as {@link read}. */
export async function* readLines(path: string): AsyncGenerator<string> {
  const file = await open(path).catch((cause) => failToRead(path, cause));
  yield* file.readLines();
}

function failToRead(path: string, cause: NodeJS.ErrnoException): never {
  const { code = '' } = cause;
  const reason = ['ENOENT', 'ENOTDIR'].includes(code) ? 'it does not exist' : `it cannot be read (${code})`;
  throw new InputError(`Expected the file ${path} but ${reason}.`, 'not_found', { cause });
}

/** Reads files of one folder by their name, and none outside it: as {@link placeInside}. */
export function readFrom(folder: string): (file: string) => Promise<Uint8Array> {
  return async (file) => read(await placeInside(folder, file));
}

/**
 * Where a file stands that a checkpoint, bundle or dataset names.
 *
 * @param path `/` between folders, as in `audio/model.json`.
 * @returns its place; whether it is there, reading tells.
 * @throws {InputError} for a path out of the folder, also by a link.
 */
export async function placeInside(folder: string, path: string): Promise<string> {
  if (!filePathSchema.safeParse(path).success) {
    throw new InputError(
      `Expected a file inside ${folder} but received ${JSON.stringify(path)}, which is no name of one.`,
    );
  }
  const place = join(folder, ...pathNames(path));
  const [inner, outer] = await Promise.all([place, folder].map((one) => realpath(one).catch(() => null)));
  if (!inner || !outer) return place;
  const way = relative(outer, inner);
  if (way === '..' || way.startsWith('../') || way.startsWith('..\\') || isAbsolute(way)) {
    throw new InputError(
      `Expected a file inside ${folder} but ${path} is a link to ${inner}, outside. Copy the file there in place of the link.`,
    );
  }
  return place;
}
