import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '#core/errors.ts';

/** @throws {InputError} for a file that is not there or cannot be read. */
export async function read(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause) => failToRead(path, cause));
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

/** Reads files of one folder by their name. */
export function readFrom(folder: string): (file: string) => Promise<Uint8Array> {
  return (file) => read(join(folder, file));
}
