import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InputError } from '#core/errors.ts';

/** Who may ask. */
export interface ApiKeys {
  /** @param token its bytes as a header's text has them, each a character. @returns the key's name; null for one that is not known. */
  nameOf(token: string): string | null;
}

/**
 * Reads a file with a line `NAME:SHA256` for each key, the digest in hexadecimal: `printf %s KEY | sha256sum`. Empty lines and those that
 * begin with # say nothing.
 *
 * @throws {InputError} for a file that cannot be read, or a line that is no key, by its number.
 */
export async function readApiKeys(file: string): Promise<ApiKeys> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new InputError(`Expected a file of API keys at ${file} but it cannot be read.`, 'not_found', { cause });
  });
  const keys: { name: string; digest: Buffer }[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name, digest] = /^\s*([^:\s]+):([0-9a-fA-F]{64})\s*$/.exec(line) ?? [];
    if (!name || !digest) throw new InputError(`Expected NAME:SHA256 in line ${i + 1} of ${file}.`);
    keys.push({ name, digest: Buffer.from(digest, 'hex') });
  }
  if (keys.length === 0) throw new InputError(`Expected at least one line NAME:SHA256 in ${file}.`);
  return {
    nameOf(token) {
      const digest = createHash('sha256').update(token, 'latin1').digest();
      let found: string | null = null;
      // All are compared, each in constant time: how long it takes says nothing of how near a guess is.
      for (const key of keys) if (timingSafeEqual(key.digest, digest)) found = key.name;
      return found;
    },
  };
}

/** Keys of a file that may be read anew. */
export interface ApiKeysFile extends ApiKeys {
  /** @throws {InputError} for a file that {@link readApiKeys} refuses; the keys before stay. */
  readAnew(): Promise<void>;
}

export async function openApiKeys(file: string): Promise<ApiKeysFile> {
  let keys = await readApiKeys(file);
  return {
    nameOf: (token) => keys.nameOf(token),
    async readAnew() {
      keys = await readApiKeys(file);
    },
  };
}

/** @returns the token of `Authorization: Bearer TOKEN`. */
export function bearerOf(header: string | undefined): string | null {
  return /^Bearer +(\S+)\s*$/i.exec(header ?? '')?.[1] ?? null;
}
