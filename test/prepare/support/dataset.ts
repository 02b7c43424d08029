import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { FixedPair, IndexLine, PreparedDataset, Skipped, TarMember } from '#core/datasets/prepared.ts';

/** What stands in a prepared folder, read as its format says. */
export function readPrepared(folder: string) {
  const lines = <T>(file: string): T[] =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const dataset: PreparedDataset = JSON.parse(readFileSync(join(folder, 'dataset.json'), 'utf8'));
  return {
    dataset,
    index: lines<IndexLine>('index.jsonl'),
    skipped: lines<Skipped>('skipped.jsonl'),
    pairs: { validation: lines<FixedPair>('pairs-validation.jsonl'), test: lines<FixedPair>('pairs-test.jsonl') },
    /** A clip's file, by its place in the tar. */
    read(line: IndexLine, { offset, bytes }: TarMember): Buffer {
      const file = openSync(join(folder, dataset.shards[line.shard]?.file as string), 'r');
      const buffer = Buffer.alloc(bytes);
      readSync(file, buffer, 0, bytes, offset);
      closeSync(file);
      return buffer;
    },
  };
}

/** @returns `[samples]` of a 16-bit WAV file, in [-1, 1). */
export function samplesOf(wav: Buffer): Float32Array {
  return Float32Array.from({ length: (wav.length - 44) / 2 }, (_, i) => wav.readInt16LE(44 + 2 * i) / 32768);
}

/** sha256 of every file, by its path. */
export function digestsOf(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(
    paths.map((path) => [path.slice(folder.length + 1), createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}
