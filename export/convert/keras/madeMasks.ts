import type { Layer } from './network.ts';

/** A layer, and of each of its calls the names of the layers whose results it takes. */
interface Entry {
  layer: Layer;
  sources: string[][];
}

/**
 * Keras 3 writes the masks that its layers make into functional models, as operations: `NotEqual` of what an Embedding with `mask_zero` or a
 * Masking layer takes, and what later layers make of that. Masks are made here anyway, so these are not read.
 *
 * @returns whether a mask that a call is given was made so, and not by who wrote the model.
 */
export function isMadeByLayers(mask: string, entries: ReadonlyMap<string, Entry>): boolean {
  const masked = new Set<string>();
  for (const { layer, sources } of entries.values()) {
    const { className, config } = layer;
    if (className === 'Masking' || (className === 'Embedding' && config.mask_zero === true))
      for (const list of sources) masked.add(list.join());
  }
  const seen = new Set<string>();
  const waiting = [mask];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const entry = entries.get(name);
    if (!entry || seen.has(name)) continue;
    seen.add(name);
    if (entry.layer.className === 'NotEqual' && entry.sources.some((list) => masked.has(list.join()))) return true;
    waiting.push(...entry.sources.flat());
  }
  return false;
}
