import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError } from '#core/errors.ts';
import { makeAtomically, removeUnfinished } from '#node/atomic.ts';
import { isFolder } from '#node/files.ts';

/** Before the work that ends there. @throws {InputError} for a folder. */
export function expectFileName(out: string): void {
  if (isFolder(out))
    throw new InputError(
      `Expected the name of a file to write but ${out} is a folder. Try ${join(out, 'model.onnx')}.`,
    );
}

/** Whole or not at all; folders on the way are made. @throws {InputError} where it cannot be written. */
export async function writeOnnx(out: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(out), { recursive: true });
    await removeUnfinished(dirname(out), basename(out));
    await makeAtomically(out, (unfinished) => writeFile(unfinished, bytes, { flush: true }));
  } catch (cause) {
    throw new InputError(`Expected to write ${out} but: ${(cause as Error).message}.`, 'invalid_request', { cause });
  }
}
