import { InputError } from '../errors.ts';
import type { BundleFile } from './graphs.ts';

/** @throws {InputError} for a file that is not the one that the manifest was written for. */
export async function checkContent(content: Uint8Array, { file, sha256, bytes }: BundleFile): Promise<void> {
  const advice = 'the file was changed or cut short. Copy or export the bundle again.';
  if (content.length !== bytes) {
    throw new InputError(`Expected ${file} with ${bytes} bytes but it has ${content.length}: ${advice}`);
  }
  // Browsers keep this from pages that come over plain HTTP from another machine: there the length must do.
  const subtle: SubtleCrypto | undefined = crypto.subtle;
  if (!subtle) return;
  const digest = new Uint8Array(await subtle.digest('SHA-256', content as BufferSource));
  const actual = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (actual !== sha256) throw new InputError(`Expected ${file} with sha256 ${sha256} but it has ${actual}: ${advice}`);
}
