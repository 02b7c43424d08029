import type { PreparedDataset, Split } from '#core/datasets/prepared.ts';
import { formatBytes } from '#core/progress.ts';

/** Of one split. */
export interface SplitFacts {
  clips: number;
  sources: number;
  sounds: number;
  hours: number;
  pictures: number;
  pairs: number;
  /** Clips by category. */
  categories: Record<string, number>;
}

export interface Inspection {
  name: string;
  kind: string;
  description: string;
  licence: string;
  pairing: PreparedDataset['pairing'];
  sampleRate: number; // Hz
  shortSide: number; // pixels
  categories: string[];
  splits: Record<Split, SplitFacts>;
  skipped: number;
  shards: number;
  bytes: number;
  sheet: string;
}

const pairings: Record<Inspection['pairing'], string> = {
  'same-clip': 'a sound and a picture belong together when they are of the same moment of one clip',
  'same-category': 'a sound and a picture belong together when they are of one category',
  none: 'no pairs: to classify',
};

/** What people want to know of a dataset, a line each. */
export function factLines(inspection: Inspection): string[] {
  const { description, kind, licence, pairing, sampleRate, shortSide, splits, skipped, shards, bytes } = inspection;
  return [
    description,
    `Kind: ${kind}; ${pairings[pairing]}`,
    `Licence: ${licence}`,
    `Sound at ${sampleRate} Hz, pictures with a short side of ${shortSide} pixels, ${shards} shards of ${formatBytes(bytes)} in all`,
    ...Object.entries(splits).flatMap(([name, facts]) => (facts.clips > 0 ? [`${name}: ${splitLine(facts)}`] : [])),
    categoriesLine(inspection),
    `Left out: ${skipped === 0 ? 'nothing' : `${skipped} (skipped.jsonl says what and why)`}`,
  ];
}

export function inspectReport(inspection: Inspection): string {
  const lines = [inspection.name, ...factLines(inspection).map((line) => `  ${line}`), `Look: ${inspection.sheet}`];
  return lines.map((line) => `${line}\n`).join('');
}

function splitLine({ clips, sources, sounds, hours, pictures, pairs }: SplitFacts): string {
  const fixed = pairs > 0 ? `, ${pairs} fixed pairs` : '';
  return `${clips} clips of ${sources} sources, ${sounds} sounds (${hours} h), ${pictures} pictures${fixed}`;
}

function categoriesLine({ categories, splits }: Inspection): string {
  if (categories.length === 0) return 'Categories: none';
  const counts = categories.map((category) => {
    const count = Object.values(splits).reduce((sum, split) => sum + (split.categories[category] ?? 0), 0);
    return `${category} ${count}`;
  });
  const shown = counts.slice(0, 12).join(', ');
  return `Categories: ${categories.length}, by clips: ${shown}${counts.length > 12 ? ', …' : ''}`;
}
