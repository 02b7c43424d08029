import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '#core/errors.ts';

/** Reads files of one folder by their name. @throws {InputError} for one that is not there. */
export function readFrom(folder: string): (file: string) => Promise<Uint8Array> {
  return async (file) => {
    const path = join(folder, file);
    try {
      return await readFile(path);
    } catch (cause) {
      if (!['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
      throw new InputError(`Expected the file ${path} but it does not exist.`, 'not_found', { cause });
    }
  };
}
