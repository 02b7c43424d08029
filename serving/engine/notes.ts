import type { Item, Noted } from './protocol.ts';

const nothingLikeIt = 'nothing that the model learnt from is like it, so that what is said of it counts for little';

/**
 * @param rows of each item what its file was taken like.
 * @param strange of each item, whether nothing that was learnt is like it; default none.
 * @returns what people should know, each sentence with the name of the file that it is about.
 */
export function notesOf(items: readonly Item[], rows: readonly Noted[], strange: readonly boolean[] = []): string[] {
  return items.flatMap(({ name }, i) => {
    const notes = [...(rows[i] as Noted).notes, ...(strange[i] ? [nothingLikeIt] : [])];
    return notes.map((note) => `${name}: ${note}`);
  });
}
