import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkContent } from '#core/bundle/checkContent.ts';
import type { BundleFile } from '#core/bundle/graphs.ts';
import { type BundleManifest, parseManifest } from '#core/bundle/manifest.ts';
import { InputError } from '#core/errors.ts';
import { placeInside } from '../files.ts';

/** @throws {InputError} for a folder that is no bundle, saying what makes one. */
export async function readManifest(folder: string): Promise<BundleManifest> {
  const bytes = await readBundleFile(folder, 'manifest.json');
  return parseManifest(bytes.toString(), join(folder, 'manifest.json'));
}

/** A file as the manifest was written for it. @throws {InputError} for one that is not there, or has other bytes. */
export async function readListed(folder: string, entry: BundleFile): Promise<Buffer> {
  const content = await readBundleFile(folder, entry.file);
  await checkContent(content, entry);
  return content;
}

/** @throws {InputError} for a file that is not there, or that this user may not read. */
export async function readBundleFile(folder: string, name: string): Promise<Buffer> {
  return readFile(await placeInside(folder, name)).catch((cause: NodeJS.ErrnoException) => {
    const isThere = cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR';
    const message = isThere
      ? `The file ${name} of the bundle ${folder} cannot be read (${cause.code}). Let this user read it.`
      : name === 'manifest.json'
        ? `Expected a bundle in ${folder} but there is no manifest.json. Make one with: npx clapper export --checkpoint runs/NAME --out ${folder}`
        : `The bundle ${folder} lacks its file ${name}. Copy or export it again.`;
    throw new InputError(message, 'not_found', { cause });
  });
}
