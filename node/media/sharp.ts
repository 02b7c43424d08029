import type sharp from 'sharp';

let loaded: Promise<typeof sharp> | undefined;

/** sharp, loaded when the first picture needs it: it and libvips take 7 MB of each process, and most pictures are decoded without them. */
export function loadSharp(): Promise<typeof sharp> {
  loaded ??= import('sharp').then(({ default: library }) => {
    // Each worker works on one picture at a time; libvips need not start threads or remember files.
    library.concurrency(1);
    library.cache(false);
    return library;
  });
  return loaded;
}
