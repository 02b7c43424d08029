/**
 * Makes this folder's data from the Free Spoken Digit Dataset and MNIST:
 *
 *     node --import tsx datasets/digits/make.ts --fsdd DIR --mnist DIR
 *
 * `--fsdd` holds `recordings/*.wav` (or `recordings.tar.gz` of them), `--mnist` the four IDX files, gzip-compressed.
 * The same input gives the same bytes.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import flacFactory from 'libflacjs';
import type { Split } from '#core/datasets/prepared.ts';
import { Random } from '#core/random.ts';

const seed = 0;
const here = import.meta.dirname;

/** By the number of the repetition in the recording's name: 0–4 is the test part that FSDD itself defines. */
const repetitions: Record<Split, [first: number, last: number]> = { test: [0, 4], validation: [5, 9], train: [10, 44] };

/** How many images of each digit, and from which part of MNIST: its last 5,000 training images were written by others than its first. */
const images: Record<Split, { perDigit: number; file: 'train' | 't10k'; from: number; to: number }> = {
  train: { perDigit: 1200, file: 'train', from: 0, to: 55_000 },
  validation: { perDigit: 120, file: 'train', from: 55_000, to: 60_000 },
  test: { perDigit: 300, file: 't10k', from: 0, to: 10_000 },
};

interface Clip {
  name: string;
  digit: number;
  speaker: string;
  samples: Int16Array;
}

const { values } = parseArgs({ options: { fsdd: { type: 'string' }, mnist: { type: 'string' } } });
if (!values.fsdd || !values.mnist) throw new Error('Expected --fsdd DIR and --mnist DIR.');

const flac = flacFactory('min'); // the wasm build does not load where fetch exists but has no file URLs
if (!flac.isReady()) await new Promise((resolve) => flac.on('ready', resolve));
for (const folder of ['sounds', 'images']) {
  rmSync(join(here, folder), { recursive: true, force: true });
  mkdirSync(join(here, folder));
}
const clips = readRecordings(values.fsdd);
const table = ['name,digit,speaker,split,start,samples'];
for (const split of ['train', 'validation', 'test'] as const) {
  const [first, last] = repetitions[split];
  const chosen = clips.filter(({ name }) => {
    const repetition = Number(name.split('_')[2]);
    return repetition >= first && repetition <= last;
  });
  table.push(...writeSounds(split, chosen));
  const labels = writeImages(split, values.mnist);
  if (split !== 'train') writePairs(split, chosen, labels);
}
writeFileSync(join(here, 'sounds.csv'), `${table.join('\n')}\n`);

function readRecordings(fsdd: string): Clip[] {
  const unpacked = existsSync(join(fsdd, 'recordings')) ? null : mkdtempSync(join(tmpdir(), 'fsdd-'));
  if (unpacked) execFileSync('tar', ['xzf', join(fsdd, 'recordings.tar.gz'), '-C', unpacked]);
  const folder = join(unpacked ?? fsdd, 'recordings');
  const clips = readdirSync(folder)
    .filter((file) => file.endsWith('.wav'))
    .sort()
    .map((file) => {
      const name = file.slice(0, -'.wav'.length);
      const [digit, speaker = ''] = name.split('_');
      return { name, digit: Number(digit), speaker, samples: tenBits(readPcm(readFileSync(join(folder, file)))) };
    });
  if (unpacked) rmSync(unpacked, { recursive: true });
  return clips;
}

/** The samples of a 16-bit mono WAV file. */
function readPcm(wav: Buffer): Int16Array {
  let chunk = 12;
  while (wav.toString('latin1', chunk, chunk + 4) !== 'data') chunk += 8 + wav.readUInt32LE(chunk + 4);
  const bytes = wav.readUInt32LE(chunk + 4);
  return Int16Array.from({ length: bytes / 2 }, (_, n) => wav.readInt16LE(chunk + 8 + 2 * n));
}

/** Keeps the ten highest bits below the recording's peak: noise more than 60 dB under it, and FLAC files a third smaller. */
function tenBits(samples: Int16Array): Int16Array {
  const peak = samples.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 1);
  const step = 2 ** Math.max(0, Math.floor(Math.log2(peak)) - 9);
  return samples.map((sample) => Math.max(-32768, Math.min(32768 - step, Math.round(sample / step) * step)));
}

/** One FLAC file a speaker, their recordings one after the other. @returns the lines of the table. */
function writeSounds(split: Split, clips: Clip[]): string[] {
  const lines: string[] = [];
  for (const speaker of [...new Set(clips.map((clip) => clip.speaker))].sort()) {
    const own = clips.filter((clip) => clip.speaker === speaker);
    let start = 0;
    for (const { name, digit, samples } of own) {
      lines.push([name, digit, speaker, split, start, samples.length].join(','));
      start += samples.length;
    }
    const speech = Int32Array.from(own.flatMap(({ samples }) => [...samples]));
    writeFileSync(join(here, 'sounds', `${split}-${speaker}.flac`), encodeFlac(speech));
  }
  return lines;
}

function encodeFlac(samples: Int32Array<ArrayBuffer>): Buffer {
  const encoder = flac.create_libflac_encoder(8000, 1, 16, 8, samples.length, true, 0);
  const parts: Uint8Array[] = [];
  const status = flac.init_encoder_stream(
    encoder,
    (part) => {
      parts.push(part.slice());
    },
    () => {},
  );
  if (status !== 0) throw new Error(`The FLAC encoder did not start: status ${status}.`);
  flac.FLAC__stream_encoder_process_interleaved(encoder, samples, samples.length);
  flac.FLAC__stream_encoder_finish(encoder);
  flac.FLAC__stream_encoder_delete(encoder);
  return Buffer.concat(parts);
}

/** @returns the labels of the images written, in their order. */
function writeImages(split: Split, mnist: string): number[] {
  const { perDigit, file, from, to } = images[split];
  const pixels = gunzipSync(readFileSync(join(mnist, `${file}-images-idx3-ubyte.gz`))).subarray(16);
  const labels = gunzipSync(readFileSync(join(mnist, `${file}-labels-idx1-ubyte.gz`))).subarray(8);
  const positions = new Random(seed, 1).shuffle(Array.from({ length: to - from }, (_, i) => from + i));
  const chosen = Array.from({ length: 10 }, (_, digit) =>
    positions.filter((i) => labels[i] === digit).slice(0, perDigit),
  ).flat();
  chosen.sort((a, b) => a - b);
  const idx = (sizes: number[], data: Buffer) => {
    const header = Buffer.alloc(4 + 4 * sizes.length);
    header.writeUInt32BE(0x0800 + sizes.length, 0);
    for (const [i, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * i);
    return gzipSync(Buffer.concat([header, data]), { level: 9 });
  };
  const ink = Buffer.concat(chosen.map((i) => pixels.subarray(784 * i, 784 * (i + 1))));
  const digits = chosen.map((i) => labels[i] as number);
  writeFileSync(join(here, 'images', `${split}-images.idx3-ubyte.gz`), idx([chosen.length, 28, 28], ink));
  writeFileSync(join(here, 'images', `${split}-labels.idx1-ubyte.gz`), idx([chosen.length], Buffer.from(digits)));
  return digits;
}

/**
 * The fixed list that the split is judged by. Every image occurs once, every recording equally often, and both half the time in a
 * matching pair: neither side alone tells which pairs correspond.
 */
function writePairs(split: Split, clips: Clip[], labels: number[]): void {
  const random = new Random(seed, 2);
  const perRecording = labels.length / clips.length / 2;
  const shuffled = random.shuffle(labels.map((digit, image) => ({ digit, image })));
  const byDigit = Array.from({ length: 10 }, (_, digit) => shuffled.filter((image) => image.digit === digit));
  const recordings = clips.flatMap((clip) => Array.from({ length: perRecording }, () => clip));
  const lines: string[] = [];
  for (const { name, digit } of recordings) lines.push(`${name},${byDigit[digit]?.pop()?.image},true`);
  const rest = random.shuffle(byDigit.flat());
  for (const [i, recording] of recordings.entries()) {
    // Swap away an image of the same digit, with one that suits both places.
    while (rest[i]?.digit === recording.digit) {
      const j = random.integer(rest.length);
      if (rest[j]?.digit === recording.digit || recordings[j]?.digit === rest[i]?.digit) continue;
      [rest[i], rest[j]] = [rest[j] as (typeof rest)[0], rest[i] as (typeof rest)[0]];
    }
  }
  for (const [i, { name }] of recordings.entries()) lines.push(`${name},${rest[i]?.image},false`);
  writeFileSync(join(here, `${split}-pairs.csv`), `recording,image,corresponds\n${random.shuffle(lines).join('\n')}\n`);
}
