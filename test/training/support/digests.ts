import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** sha256 of every file in the folder, by its path. The commit of the code may change between two runs; it is left out. */
export function digests(path: string): Record<string, string> {
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(path, file)).isFile(),
  );
  const digest = (file: string) => {
    const text = readFileSync(join(path, file), 'latin1').replace(/"commit": .*/, '');
    return createHash('sha256').update(text, 'latin1').digest('hex');
  };
  return Object.fromEntries(files.sort().map((file) => [file, digest(file)]));
}
