import { classifierGraphName } from '../graphs.ts';
import type { Bundle } from '../open.ts';
import { goldenPairs, goldenRows } from './inputs.ts';

/** @returns the golden rows that a head reads, by its inputs' names; null: the golden file does not say. */
export function headRows({ manifest, golden }: Bundle, graph: string): Record<string, Float32Array> | null {
  if (graph === 'match') {
    const pairs = goldenPairs(golden);
    return pairs && { audio_embedding: pairs.audio.data, image_embedding: pairs.image.data };
  }
  const input = manifest.classifiers.find(({ name }) => classifierGraphName(name) === graph)?.input;
  const moments = input && golden.moments[input];
  return moments ? { [input]: goldenRows(input, moments).data } : null;
}
