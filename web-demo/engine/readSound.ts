import { InputError } from '#core/errors.ts';
import { decodeAudio } from '#core/media/audio.ts';
import { expectSound } from '#core/media/silence.ts';
import { text } from '../text.ts';
import { isMissingPart } from './missingPart.ts';

// As the server: longer sounds take long to judge and are no question about one picture.
const longestSeconds = 120;

/** More than two minutes have in any format: eight channels of 32 bits at 192 kHz. */
const mostBytes = 1e9;

/** @returns float32 `[N]` in [-1, 1], mono, at that rate, and what people should know of it. */
export async function readSound(
  file: Blob,
  { sampleRate, maxSeconds = longestSeconds }: { sampleRate: number; maxSeconds?: number | undefined },
): Promise<{ waveform: Float32Array; note: string | null }> {
  if (file.size > mostBytes) throw new InputError(text.largeSound(file.size, mostBytes), 'too_large');
  const content = await file.arrayBuffer().catch((cause) => {
    throw new InputError(text.lostFile, 'not_found', { cause });
  });
  let note: string | null = null;
  const options = { sampleRate, maxSeconds, onNote: (said: string) => (note = said) };
  const waveform = await decodeAudio(new Uint8Array(content), options).catch((cause: Error) => {
    throw isMissingPart(cause) ? new InputError(text.noPart(text.reading), 'not_found', { cause }) : cause;
  });
  expectSound(waveform);
  return { waveform, note };
}
