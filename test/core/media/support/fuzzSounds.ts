import { readdirSync, readFileSync } from 'node:fs';
import { InputError } from '#core/errors.ts';
import { decodeAudio } from '#core/media/audio.ts';
import { Random } from '#core/random.ts';
import { mendChecksum, oggPages } from './oggPages.ts';

const folder = new URL('../../../fixtures/sounds/', import.meta.url);
const names = readdirSync(folder).filter((name) => /^(tone|edges|late)/.test(name));
const files = new Map(names.map((name) => [name, new Uint8Array(readFileSync(new URL(name, folder)))]));

export interface FuzzReport {
  files: number;
  decoded: number;
  refused: number;
  /** What was neither decoded nor refused, and what was decoded to something else than numbers in [-1, 1]. */
  failures: string[];
  /** Milliseconds of the slowest. */
  slowest: { name: string; milliseconds: number };
}

/** Sounds of all formats with wrong, missing and doubled bytes, and parts of each other: each is decoded or refused. */
export async function fuzzSounds(count: number, seed: number): Promise<FuzzReport> {
  const report: FuzzReport = { files: 0, decoded: 0, refused: 0, failures: [], slowest: { name: '', milliseconds: 0 } };
  for (let i = 0; i < count; i++) {
    const random = new Random(seed, i);
    const name = random.pick(names);
    const mutated = mutate(files.get(name) as Uint8Array, random);
    const bytes = /ogg|opus/.test(name) && i % 2 === 0 ? withRightChecksums(mutated) : mutated;
    const startMs = performance.now();
    try {
      const waveform = await decodeAudio(bytes, { sampleRate: 8000, maxSeconds: 20 });
      report.decoded++;
      if (!waveform.every((sample) => Math.abs(sample) <= 1)) report.failures.push(`${i} ${name}: beyond full scale`);
    } catch (error) {
      if (error instanceof InputError) report.refused++;
      else report.failures.push(`${i} ${name}: ${error}`);
    }
    const milliseconds = performance.now() - startMs;
    if (milliseconds > report.slowest.milliseconds) report.slowest = { name: `${i} ${name}`, milliseconds };
    report.files++;
  }
  return report;
}

/** Of an Ogg file, so that what is wrong with it reaches the decoders. */
function withRightChecksums(bytes: Uint8Array): Uint8Array {
  const pages = oggPages(bytes);
  for (const page of pages) if (page.length >= 27) mendChecksum(page);
  return join(...pages);
}

function mutate(whole: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = whole.slice();
  for (let changes = 1 + random.integer(4); changes > 0; changes--) {
    const at = random.integer(random.uniform() < 0.6 ? Math.min(bytes.length, 700) : bytes.length);
    const length = 1 + random.integer(random.uniform() < 0.8 ? 8 : 400);
    const kind = random.integer(6);
    const [before, part, after] = [bytes.slice(0, at), bytes.slice(at, at + length), bytes.slice(at + length)];
    if (kind === 0) bytes.set(part.fill(random.pick([0, 1, 0x7f, 0x80, 0xff])), at);
    if (kind === 1)
      bytes.set(
        part.map(() => random.integer(256)),
        at,
      );
    if (kind === 2) bytes = join(before, after);
    if (kind === 3) bytes = join(before, part, part, after);
    if (kind === 4) bytes[at] = (bytes[at] as number) ^ (1 << random.integer(8));
    if (kind === 5) {
      const other = files.get(random.pick(names)) as Uint8Array;
      const from = random.integer(other.length);
      bytes = join(before, other.slice(from, from + length), after);
    }
    if (bytes.length === 0) return whole.slice();
  }
  return bytes;
}

function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
