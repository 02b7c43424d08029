import { checkContent } from '#core/bundle/checkContent.ts';
import type { BundleFile } from '#core/bundle/graphs.ts';
import { InputError } from '#core/errors.ts';
import { keep, readKept } from './kept.ts';
import { receive } from './receive.ts';
import { words } from './words.ts';

export interface DownloadOptions {
  /** What the file must be: checked, then kept by its digest, so that it comes over the network once. */
  expected?: BundleFile | undefined;
  /** Is told how many bytes have come so far, uncompressed. */
  onBytes?: (bytes: number) => void;
}

/**
 * A file from the page's own host.
 *
 * @throws {InputError} where the host does not answer, refuses, stops sending, or sends something else than was expected.
 */
export async function download(
  url: string,
  { expected, onBytes = () => {} }: DownloadOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const kept = expected && (await readKept(url, expected));
  if (kept) {
    onBytes(kept.length);
    return kept;
  }
  const name = expected?.file ?? url.split('/').at(-1) ?? url;
  const bytes = await receive(url, { name, onBytes });
  if (!expected) return bytes;
  await checkContent(bytes, expected).catch((cause) => {
    throw new InputError(words.otherContent(name), 'invalid_request', { cause });
  });
  keep(url, expected, bytes); // no one waits for it
  return bytes;
}
