import scores from 'virtual:foretold';
import type { Desk } from '../desk.ts';
import type { Source } from '../picture/picture.ts';
import type { Sample } from '../samples.ts';
import { foretoldKey } from './foretoldKey.ts';

/** @returns what the build has computed for what is chosen; null: these are no pair of samples, or the bundle is none of the published ones. */
export function foretoldScore({ manifest, samples, picture, sound }: Desk): number | null {
  const sampleOf = (list: Sample[], source: Source | undefined) =>
    source?.kind === 'sample' ? list.find(({ file }) => file === source.file) : undefined;
  const pair = {
    picture: sampleOf(samples.pictures, picture.value?.source),
    sound: sound.value?.startSeconds === null ? sampleOf(samples.sounds, sound.value.source) : undefined,
  };
  if (!pair.picture || !pair.sound) return null;
  return scores[foretoldKey(manifest, { picture: pair.picture, sound: pair.sound })] ?? null;
}
