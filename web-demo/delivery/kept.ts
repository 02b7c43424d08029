import type { BundleFile } from '#core/bundle/graphs.ts';

// The browser may have no cache for this page (plain HTTP from another machine), refuse it, or have no room: the page goes on without.
const cacheName = 'clapper-files';

/** @returns null: it is not kept, or not as long as expected. Its digest was checked before it was kept, under that digest. */
export async function readKept(url: string, file: BundleFile): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const kept = await (await open())?.match(keyOf(url, file));
    const bytes = kept && new Uint8Array(await kept.arrayBuffer());
    return bytes?.length === file.bytes ? bytes : null;
  } catch {
    return null;
  }
}

/** In place of another version of the same file. */
export async function keep(url: string, file: BundleFile, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    const cache = await open();
    await cache?.delete(keyOf(url, file), { ignoreSearch: true });
    await cache?.put(keyOf(url, file), new Response(bytes));
  } catch {}
}

/** Whether all of these would come without the network. */
export async function areKept(files: { url: string; file: BundleFile }[]): Promise<boolean> {
  try {
    const cache = await open();
    const found = await Promise.all(files.map(({ url, file }) => cache?.match(keyOf(url, file))));
    return found.every((one) => one !== undefined);
  } catch {
    return false;
  }
}

/** Also what the service worker has kept for use without a network. */
export async function clearKept(): Promise<void> {
  try {
    await Promise.all([caches.delete(cacheName), caches.delete('clapper-data')]);
  } catch {}
}

async function open(): Promise<Cache | undefined> {
  const { caches } = globalThis as { caches?: CacheStorage };
  return caches?.open(cacheName);
}

/** No address that is ever asked for: what is kept here is taken by its digest alone. */
function keyOf(url: string, { sha256 }: BundleFile): string {
  const key = new URL(url, self.location.href);
  key.search = `kept=${sha256}`;
  return key.href;
}
