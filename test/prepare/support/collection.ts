import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kinds } from '../../../prepare/kinds/index.ts';
import type { ListOptions } from '../../../prepare/kinds/kind.ts';
import type { KindName } from '../../../prepare/kinds/names.ts';
import { put } from './media.ts';

/** Makes a folder of files, by name; what has no content is empty, and counts as what its ending says. It is removed after the work. */
export async function withCollection<T>(
  files: string[] | Record<string, string | Uint8Array>,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'clapper-collection-'));
  try {
    const entries = Array.isArray(files) ? files.map((name) => [name, ''] as const) : Object.entries(files);
    for (const [name, content] of entries) put(join(folder, name), content);
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `CLASS`, `CLASS SPLIT` or `CLASS fold N` of each item, by its id; and what was left out, and said. */
export async function listCollection(
  kind: KindName,
  files: Parameters<typeof withCollection>[0],
  options: Partial<ListOptions> = {},
) {
  const listing = await withCollection(files, (folder) =>
    kinds[kind].list([folder], { categoriesFile: null, ...options }),
  );
  const labels = Object.fromEntries(
    listing.items.map(({ id, categories, split, fold }) => {
      const part = fold === null ? split : `fold ${fold}`;
      return [id, [...categories, ...(part === null ? [] : [part])].join(' ')];
    }),
  );
  return { ...listing, labels, leftOut: Object.fromEntries(listing.skipped.map(({ file, reason }) => [file, reason])) };
}
