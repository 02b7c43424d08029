import type { EngineClient } from '../engine/client.ts';
import type { PictureInput, SoundInput } from '../engine/engine.ts';
import { pictureOf, soundOf } from '../engine/ofSample.ts';
import { type Sample, wordFor } from '../samples.ts';

/** What may stand along a side of the matrix. */
export interface Candidate<Input> {
  title: string;
  word: string;
  /** Reads it, once. */
  read(): Promise<Input>;
}

export type SoundCandidate = Candidate<SoundInput>;
export type PictureCandidate = Candidate<PictureInput> & { url: string };

export function sampleSound(engine: EngineClient, sample: Sample): SoundCandidate {
  return { title: sample.title, word: wordFor(sample.subject), read: once(() => soundOf(engine, sample)) };
}

export function samplePicture(engine: EngineClient, sample: Sample): PictureCandidate {
  const { title, subject, url } = sample;
  return { title, word: wordFor(subject), url, read: once(() => pictureOf(engine, sample)) };
}

let files = 0;

/** @throws {Error} where it cannot be read. */
export async function fileSound({ ask }: EngineClient, file: File): Promise<SoundCandidate> {
  const { waveform } = await ask.readSound(file);
  return present(file.name, { id: `file ${++files}`, waveform });
}

/** @throws {Error} where it cannot be read. */
export async function filePicture({ ask }: EngineClient, file: File): Promise<PictureCandidate> {
  const input = { id: `file ${++files}`, image: await ask.readPicture(file) };
  return { ...present(file.name, input), url: URL.createObjectURL(file) };
}

/** What was read before. */
export function present<Input>(title: string, input: Input, word = title): Candidate<Input> {
  return { title, word, read: async () => input };
}

/** Asks once, and again if that failed. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | null = null;
  return () => {
    reading ??= read().catch((error) => {
      reading = null;
      throw error;
    });
    return reading;
  };
}
