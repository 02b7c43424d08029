import type { BundleManifest, Example } from '#core/bundle/manifest.ts';
import { download } from './delivery/download.ts';

/** A sound or picture that comes with the bundle, to try it with. */
export interface Sample extends Example {
  /** With its digest, so that what is kept of another version is never taken for it. */
  url: string;
}

export interface Samples {
  sounds: Sample[];
  pictures: Sample[];
}

export interface Pair {
  sound: Sample;
  picture: Sample;
  matches: boolean;
}

export function samplesOf({ name, examples }: BundleManifest): Samples {
  const place = (list: Example[] = []) =>
    list.map((example) => ({ ...example, url: `models/${name}/${example.file}?${example.sha256.slice(0, 16)}` }));
  return { sounds: place(examples?.sounds), pictures: place(examples?.pictures) };
}

export async function loadSample({ url, ...expected }: Sample): Promise<Blob> {
  return new Blob([await download(url, { expected })]);
}

/** People's word for a subject. */
export function wordFor(subject: string): string {
  return subject.replaceAll('_', ' ');
}

/** In order of first appearance. */
export function bySubject(samples: Sample[]): Map<string, Sample[]> {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) groups.set(sample.subject, [...(groups.get(sample.subject) ?? []), sample]);
  return groups;
}

/** Pairs to show at most. */
const mostPairs = 12;

/** Pairs to show, in turn of one subject and of two. */
export function samplePairs({ sounds, pictures }: Samples): Pair[] {
  const soundsOf = bySubject(sounds);
  const pairs: Pair[] = [];
  const seen = bySubject(pictures);
  const shared = [...seen.keys()].filter((subject) => soundsOf.has(subject));
  for (const [i, subject] of shared.entries()) {
    const [picture, otherPicture] = seen.get(subject) as [Sample, Sample?];
    const other = shared[(i + 1) % shared.length] as string;
    const [sound] = soundsOf.get(subject) as [Sample];
    pairs.push({ sound, picture, matches: true });
    if (other === subject) continue;
    const foreign = soundsOf.get(other) as Sample[];
    pairs.push({ sound: foreign.at(-1) as Sample, picture: otherPicture ?? picture, matches: false });
  }
  return pairs.slice(0, mostPairs);
}
