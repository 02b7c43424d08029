import { elementCount } from '../elementCount.ts';
import { InputError } from '../errors.ts';
import { decodeAudio } from '../media/audio.ts';
import type { Split } from './prepared.ts';

/** For checkpoints, manifests and model cards. */
export const digitsInfo = {
  name: 'digits',
  description: 'Free Spoken Digit Dataset × MNIST: a recording and an image correspond when they show the same digit',
  licence: 'CC BY-SA 4.0',
};

export const digitLabels = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** One person saying one digit. */
export interface Recording {
  /** For example `3_theo_12`, as in the Free Spoken Digit Dataset. */
  name: string;
  digit: number;
  speaker: string;
  /** `[samples]` float32 in [-1, 1], mono, at the dataset's rate. */
  waveform: Float32Array;
}

/** One person's handwritten digit. */
export interface DigitImage {
  digit: number;
  /** uint8 `[28, 28]`: 0 paper, 255 ink. */
  ink: Uint8Array;
}

/** Of the fixed list that a split is judged by: a recording and an image, as positions in the split's lists. */
export interface DigitPair {
  recording: number;
  image: number;
  corresponds: boolean;
}

export interface DigitSplit {
  recordings: Recording[];
  images: DigitImage[];
  /** Each recording and each image occurs equally often on both sides; empty for `train`, where the sampler draws. */
  pairs: DigitPair[];
}

export const digitsSampleRate = 8000; // Hz, as the Free Spoken Digit Dataset
export const digitImageSize = 28; // pixels, as MNIST

/**
 * Reads one split of the digits dataset (`datasets/digits/`; its README gives the files).
 *
 * @param read reads one file by its name, with `/` between folder and file.
 */
export async function readDigits(read: (file: string) => Promise<Uint8Array>, split: Split): Promise<DigitSplit> {
  const recordings: Recording[] = [];
  const waveforms = new Map<string, Float32Array>();
  for (const row of parseCsv(await read('sounds.csv'))) {
    if (row.split !== split) continue;
    const file = `sounds/${split}-${row.speaker}.flac`;
    let speech = waveforms.get(file);
    if (!speech) {
      speech = await decodeAudio(await read(file), { sampleRate: digitsSampleRate });
      waveforms.set(file, speech);
    }
    const start = Number(row.start);
    const waveform = speech.slice(start, start + Number(row.samples));
    if (waveform.length !== Number(row.samples))
      throw new InputError(`${file} ends before ${row.name} does.`, 'unreadable_media');
    recordings.push({ name: row.name as string, digit: Number(row.digit), speaker: row.speaker as string, waveform });
  }
  const images = await readImages(read, split);
  return { recordings, images, pairs: split === 'train' ? [] : await readPairs(read, split, recordings) };
}

/** The image as graphs take it: RGB uint8 `[28, 28, 3]`, bright ink on dark paper. */
export function digitPicture({ ink }: DigitImage): Uint8Array {
  return Uint8Array.from({ length: 3 * ink.length }, (_, i) => ink[Math.floor(i / 3)] as number);
}

async function readImages(read: (file: string) => Promise<Uint8Array>, split: Split): Promise<DigitImage[]> {
  const pixels = parseIdx(await gunzip(await read(`images/${split}-images.idx3-ubyte.gz`)), 3);
  const labels = parseIdx(await gunzip(await read(`images/${split}-labels.idx1-ubyte.gz`)), 1);
  const area = digitImageSize ** 2;
  return Array.from(labels, (digit, i) => ({ digit, ink: pixels.subarray(i * area, (i + 1) * area) }));
}

async function readPairs(
  read: (file: string) => Promise<Uint8Array>,
  split: Split,
  recordings: Recording[],
): Promise<DigitPair[]> {
  const positions = new Map(recordings.map(({ name }, i) => [name, i]));
  return parseCsv(await read(`${split}-pairs.csv`)).map((row) => ({
    recording: positions.get(row.recording as string) as number,
    image: Number(row.image),
    corresponds: row.corresponds === 'true',
  }));
}

/** A table without quotes or commas inside its cells, its first line naming the columns. */
function parseCsv(bytes: Uint8Array): Record<string, string>[] {
  const [header = '', ...lines] = new TextDecoder().decode(bytes).trim().split(/\r?\n/);
  const columns = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? '']));
  });
}

/** MNIST's own format: two zero bytes, type 8 (unsigned bytes), the number of dimensions, each size, then the data. */
function parseIdx(bytes: Uint8Array, dimensions: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = 4 + 4 * dimensions;
  const sizes = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const items = elementCount(sizes);
  if (view.getUint32(0) !== 0x0800 + dimensions || bytes.length !== headerBytes + items) {
    throw new InputError(
      `Expected an IDX file of unsigned bytes in ${dimensions} dimensions but its header or length differs.`,
    );
  }
  return bytes.subarray(headerBytes);
}

async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
