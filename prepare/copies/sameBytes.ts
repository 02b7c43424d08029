import { createHash } from 'node:crypto';
import { type FileRef, readRef } from '../files/tree.ts';

/** Files of the same bytes, by groups: only what agrees in length and first bytes is read. Empty files are no copies of each other. */
export async function findSameBytes(files: FileRef[]): Promise<FileRef[][]> {
  const groups: FileRef[][] = [];
  for (const alike of groupBy(files, ({ bytes, head }) => (bytes === 0 ? null : `${bytes} ${head}`))) {
    const digests = new Map<FileRef, string | null>();
    for (const file of alike) digests.set(file, await digest(file));
    groups.push(...groupBy(alike, (file) => digests.get(file) ?? null));
  }
  return groups;
}

/** @returns null for what cannot be read: decoding will say so. */
async function digest(file: FileRef): Promise<string | null> {
  const bytes = await readRef(file).catch(() => null);
  return bytes && createHash('sha256').update(bytes).digest('hex');
}

/** @returns the groups of two and more. */
function groupBy(files: FileRef[], keyOf: (file: FileRef) => string | null): FileRef[][] {
  const groups = new Map<string, FileRef[]>();
  for (const file of files) {
    const key = keyOf(file);
    if (key === null) continue;
    const group = groups.get(key);
    if (group) group.push(file);
    else groups.set(key, [file]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}
