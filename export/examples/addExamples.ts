import { modelCard, notesOf } from '../card/modelCard.ts';
import { addFile, type BundleFiles, fileOf, manifestOf } from '../variants/bundleFiles.ts';
import type { Described, Examples } from './described.ts';

/** Puts examples into a bundle's files, in place of those that are there. @returns the bundle's files; what was given is not changed. */
export function addExamples(given: BundleFiles, examples: Examples): BundleFiles {
  const files = new Map(given);
  const manifest = manifestOf(files);
  for (const { file } of [...(manifest.examples?.sounds ?? []), ...(manifest.examples?.pictures ?? [])]) {
    files.delete(file);
  }
  const add = ({ file, ...described }: Described) => ({
    ...addFile(files, file, fileOf(examples.files, file)),
    ...described,
  });
  manifest.examples = { sounds: examples.sounds.map(add), pictures: examples.pictures.map(add) };
  const notes = notesOf(new TextDecoder().decode(fileOf(files, 'MODEL_CARD.md')));
  const text = (name: string, content: string) => files.set(name, new TextEncoder().encode(`${content}\n`));
  text('manifest.json', JSON.stringify(manifest, null, 2));
  text('MODEL_CARD.md', modelCard(manifest, notes));
  return files;
}
