import scores from 'virtual:foretold';
import type { Source } from '../chosen.ts';
import type { Desk } from '../desk.ts';
import type { Sample } from '../samples.ts';
import { foretoldKey } from './foretoldKey.ts';

/** @returns what the build has computed for what is chosen, or coming; null: these are no pair of samples, or the bundle is none of the published ones. */
export function foretoldScore({ manifest, samples, ...chosen }: Desk): number | null {
  const sampleOf = (list: Sample[], source: Source | undefined) =>
    source?.kind === 'sample' ? list.find(({ file }) => file === source.file) : undefined;
  const picture = sampleOf(samples.pictures, (chosen.picture.value ?? chosen.picture.coming.value)?.source);
  const heard = chosen.sound.value ?? chosen.sound.coming.value;
  const sound = (heard?.startSeconds ?? null) === null ? sampleOf(samples.sounds, heard?.source) : undefined;
  return picture && sound ? (scores[foretoldKey(manifest, { picture, sound })] ?? null) : null;
}
