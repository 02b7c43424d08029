import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import sharp from 'sharp';
import { Random } from '#core/random.ts';

/** A plain JPEG of one colour. */
export function picture(colour: string, { width = 320, height = 240 } = {}): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: colour } })
    .jpeg()
    .toBuffer();
}

export interface ToneOptions {
  hz?: number;
  seconds?: number;
  sampleRate?: number;
  channels?: number;
  loudness?: number;
  /** Seed of a loudness that changes every 50 ms: sounds of two seeds are no copies of each other. */
  rhythm?: number;
}

/** A 16-bit WAV file of a sine, the same in all channels. */
export function tone({
  hz = 440,
  seconds = 2,
  sampleRate = 16_000,
  channels = 1,
  loudness = 0.5,
  rhythm,
}: ToneOptions = {}): Buffer {
  const frames = Math.round(seconds * sampleRate);
  const wav = Buffer.alloc(44 + 2 * frames * channels);
  wav.write('RIFF');
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(channels, 22);
  wav.writeUInt32LE(sampleRate, 24);
  wav.writeUInt32LE(2 * channels * sampleRate, 28);
  wav.writeUInt16LE(2 * channels, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(2 * frames * channels, 40);
  const random = new Random(rhythm ?? 0, 1);
  let gain = 1;
  for (let i = 0; i < frames * channels; i++) {
    if (rhythm !== undefined && i % Math.round(0.05 * sampleRate * channels) === 0) gain = random.uniform(0.2, 1);
    const sample = gain * loudness * Math.sin((2 * Math.PI * hz * Math.floor(i / channels)) / sampleRate);
    wav.writeInt16LE(Math.round(32767 * sample), 44 + 2 * i);
  }
  return wav;
}

/** Writes a file with the folders above it. */
export function put(path: string, bytes: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
