import { InputError } from '../../errors.ts';
import { readStreamInfo } from '../codecs/flac.ts';
import { codecs } from '../codecs/index.ts';
import { createMixer, type MixOptions, type MonoSound, type SoundPart } from '../mix.ts';
import { type Container, openContainer } from './container.ts';
import { cutShort, damaged, expectWithin } from './format.ts';
import { isCutMp3 } from './mp3.ts';

/** Packets that are decoded between two looks at how long the sound has become. */
const batchPackets = 16;
/** What decoders may give beyond the sound, and is cut off. */
const inAdvanceSeconds = 0.1;

export interface PacketsOptions extends Omit<MixOptions, 'name'> {
  /** Hz. The result may have any rate from this up to the file's own. */
  leastRate: number;
}

/**
 * Decodes a file of packets: mediabunny takes it apart, a decoder in WebAssembly gets its packets, a few at a time, and they are mixed
 * to one channel.
 *
 * @returns null for bytes that are no such file.
 * @throws {InputError} for one that is cut short, damaged, of a codec that is not decoded here, or beyond the limits.
 */
export async function decodePackets(bytes: Uint8Array, options: PacketsOptions): Promise<MonoSound | null> {
  const { limits } = options;
  const container = await openContainer(bytes);
  if (!container && isCutMp3(bytes)) throw cutShort('mp3', 'it ends within its first frames');
  if (!container) return null;
  const { paddingSeconds, endSeconds } = container.whole;
  if (container.seconds !== null) expectWithin(limits, container.seconds);
  const { name, expectedSeconds } = container;
  const mixer = createMixer({
    ...options,
    name,
    expectedSeconds: expectedSeconds && expectedSeconds + inAdvanceSeconds,
  });
  let lastEnd = 0;
  try {
    await decodeAll(container, options.leastRate, (part, seconds) => {
      mixer.add(part);
      lastEnd = Math.max(lastEnd, seconds);
      expectWithin(limits, lastEnd - 1); // decoders hold back less than a second
    });
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    // What a decoder says for people is a plain Error; anything else it did not mean to say.
    const detail = (cause as Error)?.constructor === Error ? (cause as Error).message : 'it cannot be decoded';
    throw damaged(container.name, detail, { cause });
  }
  const sound = mixer.finish();
  const samples = sound.waveform.length;
  const soundSeconds = lastEnd - container.lateSeconds;
  expectEnough(container, samples, soundSeconds * sound.sampleRate);
  const end = Math.min(
    samples - Math.round(paddingSeconds * sound.sampleRate),
    endSeconds ? Math.round(soundSeconds * sound.sampleRate) : samples,
  );
  const waveform = sound.waveform.subarray(0, Math.max(0, end));
  return { ...sound, waveform: behindSilence(waveform, Math.round(container.lateSeconds * sound.sampleRate)) };
}

function behindSilence(waveform: Float32Array, silent: number): Float32Array {
  if (silent === 0) return waveform;
  const longer = new Float32Array(silent + waveform.length);
  longer.set(waveform, silent);
  return longer;
}

async function decodeAll(
  container: Container,
  leastRate: number,
  take: (part: SoundPart, endSeconds: number) => void,
): Promise<void> {
  const start = codecs[container.codec];
  if (!start) {
    throw new InputError(
      `Expected ${Object.keys(codecs).join(', ')} or wav but the ${container.name} file holds ${container.codec}. Convert it to wav or flac.`,
      'unsupported_media',
    );
  }
  const decoder = await start({ ...container.config, leastRate });
  let isWell = false;
  try {
    let batch: Uint8Array[] = [];
    let endSeconds = 0;
    for await (const packet of container.packets()) {
      batch.push(packet.data);
      endSeconds = packet.endSeconds;
      if (batch.length < batchPackets) continue;
      await decoder.decode(batch, (part) => take(part, endSeconds));
      batch = [];
    }
    if (batch.length > 0) await decoder.decode(batch, (part) => take(part, endSeconds));
    isWell = true;
  } finally {
    decoder.close({ isWell });
  }
}

/** Decoders skip what they cannot decode without a word, so that half a file would be taken for a short sound. */
function expectEnough({ name, config }: Container, samples: number, expected: number): void {
  if (name === 'flac') {
    const counted = readStreamInfo(config.description as Uint8Array).samples;
    if (samples < counted) throw cutShort('flac', `${samples} of ${counted} samples can be read`);
  } else if (samples < 0.9 * expected - 8192) {
    throw damaged(name, `${samples} of ${Math.round(expected)} samples can be read`);
  }
}
