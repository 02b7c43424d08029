import type { BundleManifest } from '#core/bundle/manifest.ts';
import { InputError } from '#core/errors.ts';
import { isBundleFile } from '../bundle/replace.ts';
import { addFile, type BundleFiles, fileOf } from '../variants/bundleFiles.ts';
import type { Described, Examples } from './described.ts';

/**
 * Puts examples among a bundle's files, in place of those that are there.
 *
 * @returns in place of the manifest one that lists them; what was given is not changed.
 * @throws {InputError} for an example of the name of a file that a bundle, or `samples`, has itself.
 */
export function addExamples(
  given: BundleFiles,
  manifest: BundleManifest,
  examples: Examples,
): { files: BundleFiles; manifest: BundleManifest } {
  const files = new Map(given);
  for (const { file } of [...(manifest.examples?.sounds ?? []), ...(manifest.examples?.pictures ?? [])]) {
    files.delete(file);
  }
  const add = ({ file, ...described }: Described) => {
    if (isBundleFile(file) || file === 'CREDITS.md') {
      throw new InputError(
        `Expected names of sounds and pictures as examples but ${file} is the name of a file that bundles or samples have themselves. Rename it.`,
      );
    }
    return { ...addFile(files, file, fileOf(examples.files, file)), ...described };
  };
  const added = { sounds: examples.sounds.map(add), pictures: examples.pictures.map(add) };
  return { files, manifest: { ...manifest, examples: added } };
}
