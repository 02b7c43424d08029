import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { InputError } from '#core/errors.ts';
import { makeAtomically } from '#node/atomic.ts';
import { readListed, readManifest } from '#node/bundle/readManifest.ts';
import { credits } from '../card/exampleSection.ts';

export interface Samples {
  bundle: string;
  /** Where they were written. */
  folder: string;
  /** Their paths. */
  sounds: string[];
  pictures: string[];
}

/**
 * Writes each bundle's examples into a folder of its name inside `out`, with `CREDITS.md`.
 *
 * @returns of each bundle that has examples, its files.
 * @throws {InputError} for a folder that is no bundle, a damaged file, no examples at all, and a file at `out` that has other content.
 */
export async function writeSamples(bundles: string[], out: string): Promise<Samples[]> {
  const written: Samples[] = [];
  for (const bundle of bundles) {
    const manifest = await readManifest(bundle);
    if (manifest.examples) written.push(await writeOfBundle(bundle, manifest, join(out, manifest.name)));
  }
  if (written.length > 0) return written;
  throw new InputError(
    `Expected bundles with examples but ${bundles.join(', ')} hold none. Add some: npx clapper export --bundle FOLDER --examples FOLDER`,
    'not_found',
  );
}

async function writeOfBundle(bundle: string, { name, examples }: BundleManifest, folder: string): Promise<Samples> {
  const { sounds, pictures } = examples as NonNullable<BundleManifest['examples']>;
  await mkdir(folder, { recursive: true });
  for (const entry of [...sounds, ...pictures]) {
    await writeNew(join(folder, entry.file), await readListed(bundle, entry));
  }
  const text = `# Examples of the bundle ${name}\n\n${credits([...sounds, ...pictures]).join('\n')}\n`;
  await writeNew(join(folder, 'CREDITS.md'), new TextEncoder().encode(text));
  const paths = (list: { file: string }[]) => list.map(({ file }) => join(folder, file));
  return { bundle, folder, sounds: paths(sounds), pictures: paths(pictures) };
}

/** Leaves what is there with the same content. */
async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  if (!existsSync(path)) return makeAtomically(path, (unfinished) => writeFile(unfinished, bytes));
  if (Buffer.compare(await readFile(path), bytes) === 0) return;
  throw new InputError(
    `Expected no other file at ${path} but there is one, which would be lost. Choose another --out.`,
  );
}
