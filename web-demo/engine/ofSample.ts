import { loadSample, type Sample } from '../samples.ts';
import type { EngineClient } from './client.ts';
import type { PictureInput, SoundInput } from './engine.ts';

/** Fetches a sample, and makes it what the model takes. @throws {Error} whose message people can read. */
export async function soundOf({ ask }: EngineClient, sample: Sample): Promise<SoundInput> {
  const { waveform } = await ask.readSound(await loadSample(sample));
  return { id: sample.sha256, waveform };
}

export async function pictureOf({ ask }: EngineClient, sample: Sample): Promise<PictureInput> {
  return { id: sample.sha256, image: await ask.readPicture(await loadSample(sample)) };
}
