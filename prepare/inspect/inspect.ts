import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clip, IndexLine, PreparedDataset, Split } from '#core/datasets/prepared.ts';
import { readIndex, readInfo } from '#core/datasets/readDataset.ts';
import { InputError } from '#core/errors.ts';
import { datasetFiles, shardPaths } from '#node/datasets/preparedSplit.ts';
import { contactSheet } from './contactSheet.ts';
import { factLines, type Inspection, type SplitFacts } from './report.ts';
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

/** Counts what a prepared dataset holds, and writes a page of random clips as training draws them. */
export async function inspectDataset({ folder, split, count, seed, sheet }: InspectOptions): Promise<Inspection> {
  const files = datasetFiles(folder);
  const info = await readInfo(files);
  const counting = { train: startCount(), validation: startCount(), test: startCount() };
  const lines: IndexLine[] = []; // of the split that is shown
  for await (const line of readIndex(files)) {
    countClip(counting[line.clip.split], line.clip);
    if (line.clip.split === split) lines.push(line);
  }
  if (lines.length === 0) {
    const others = Object.entries(info.counts).filter(([, { clips }]) => clips > 0);
    throw new InputError(
      `Expected clips in the ${split} split of ${folder} but it has none. Look at another with --split: ${others.map(([name]) => name).join(', ')}.`,
    );
  }
  const splits = {
    train: factsOf(counting.train, info.counts.train),
    validation: factsOf(counting.validation, info.counts.validation),
    test: factsOf(counting.test, info.counts.test),
  };
  const { name, kind, description, licence, pairing, sampleRate, shortSide, categories, skipped, shards } = info;
  const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0);
  const sheetFile = sheet ?? join(folder, 'contact-sheet.html');
  const facts = { name, kind, description, licence, pairing, sampleRate, shortSide, categories, splits, skipped };
  const inspection: Inspection = { ...facts, shards: shards.length, bytes, sheet: sheetFile };
  const samples = drawSamples({ info, shards: shardPaths(folder, info), lines }, { count, seed });
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

interface Count {
  sources: Set<string>;
  categories: Record<string, number>;
}

function startCount(): Count {
  return { sources: new Set(), categories: {} };
}

function countClip({ sources, categories }: Count, { source, categories: own }: Clip): void {
  sources.add(source);
  for (const category of own) categories[category] = (categories[category] ?? 0) + 1;
}

function factsOf({ sources, categories }: Count, counts: PreparedDataset['counts'][Split]): SplitFacts {
  const { clips, sounds, seconds, pictures, pairs } = counts;
  const hours = Math.round((1000 * seconds) / 3600) / 1000;
  return { clips, sources: sources.size, sounds, hours, pictures, pairs, categories };
}
