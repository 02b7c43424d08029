import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clip, type PreparedDataset, type Split, splitSchema } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { openPreparedSplit, type PreparedSplit } from '#node/datasets/preparedDataset.ts';
import { contactSheet } from './contactSheet.ts';
import { factLines } from './report.ts';
import { drawSamples } from './samples.ts';

export interface InspectOptions {
  folder: string;
  /** The split that the samples are drawn from. */
  split: Split;
  /** How many samples. */
  count: number;
  seed: number;
  /** Where the contact sheet is written; null: in the folder. */
  sheet: string | null;
}

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

/** Counts what a prepared dataset holds, and writes a page of random clips as training draws them. */
export async function inspectDataset({ folder, split, count, seed, sheet }: InspectOptions): Promise<Inspection> {
  const splits = {} as Record<Split, SplitFacts>;
  let shown: PreparedSplit | null = null;
  for (const name of splitSchema.options) {
    const opened = await openPreparedSplit(folder, name);
    splits[name] = countSplit(opened, name);
    if (name === split) shown = opened;
  }
  const opened = shown as PreparedSplit;
  const { name, kind, description, licence, pairing, sampleRate, shortSide, categories, skipped, shards } = opened.info;
  const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0);
  const sheetFile = sheet ?? join(folder, 'contact-sheet.html');
  const facts = { name, kind, description, licence, pairing, sampleRate, shortSide, categories, splits, skipped };
  const inspection: Inspection = { ...facts, shards: shards.length, bytes, sheet: sheetFile };
  const samples = drawSamples(opened, { count, seed });
  const title = `${name}: ${samples.matching.length} samples of the ${split} split`;
  await writeSheet(sheetFile, await contactSheet(samples, { title, facts: factLines(inspection), sampleRate }));
  return inspection;
}

async function writeSheet(file: string, html: string): Promise<void> {
  await writeFile(file, html).catch((cause) => {
    throw new InputError(`The page cannot be written: ${cause.message}. Name another place with --sheet.`, undefined, {
      cause,
    });
  });
}

function countSplit({ info, lines }: PreparedSplit, split: Split): SplitFacts {
  const { clips, sounds, seconds, pictures, pairs } = info.counts[split];
  const categories: Record<string, number> = {};
  for (const category of lines.flatMap(({ clip }: { clip: Clip }) => clip.categories)) {
    categories[category] = (categories[category] ?? 0) + 1;
  }
  const sources = new Set(lines.map(({ clip }) => clip.source)).size;
  return { clips, sources, sounds, hours: Math.round((1000 * seconds) / 3600) / 1000, pictures, pairs, categories };
}
