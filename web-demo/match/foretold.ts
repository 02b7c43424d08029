import scores from 'virtual:foretold';
import type { Source } from '../chosen.ts';
import type { Desk } from '../desk.ts';
import type { Sample } from '../samples.ts';
import { foretoldKey } from './foretoldKey.ts';

/** @returns what the build has computed for what is coming, or else chosen; null: these are no pair of samples, or the bundle is none of the published ones. */
export function foretoldScore({ manifest, samples, ...chosen }: Desk): number | null {
  const sampleOf = (list: Sample[], source: Source | undefined) =>
    source?.kind === 'sample' ? list.find(({ file }) => file === source.file) : undefined;
  const picture = sampleOf(samples.pictures, (chosen.picture.coming.value ?? chosen.picture.value)?.source);
  const heard = chosen.sound.coming.value ?? chosen.sound.value;
  const sound = (heard?.startSeconds ?? null) === null ? sampleOf(samples.sounds, heard?.source) : undefined;
  return picture && sound ? (scores[foretoldKey(manifest, { picture, sound })] ?? null) : null;
}
