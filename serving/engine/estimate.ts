import { textAt, viewOf } from '#core/media/formats/bytes.ts';
import { jpegSize } from '#node/media/jpegSize.ts';

/** What a file will cost before it is opened: read from its header, else guessed from its size. */
export interface Estimate {
  /** Milliseconds to decode it. */
  decodeMs: number;
  /** Of sound; of a picture 0. */
  seconds: number;
}

// Measured on one core of a server processor, rounded up: what they are for is order, not accounting.
const msPerMillionPcmSamples = 8;
const msPerMillionCodedSamples = 25;
const msPerMillionPixels = 25;
const msPerMillionJpegPixels = 10;
const fixedMs = 0.3;
/** The longest that any file of 25 MB took. A header may claim more: others must not be turned away over a claim. */
const longestMs = 1500;

/** @param bytes of the file; any bytes at all. */
export function estimateAudio(bytes: Uint8Array, maxSeconds: number): Estimate {
  const view = viewOf(bytes);
  const start = textAt(bytes, 0, 4);
  if (start === 'RIFF') return pcm(view, bytes.length, maxSeconds);
  if (start === 'fLaC') return flac(view, maxSeconds);
  if (start === 'OggS') return ogg(view, bytes, maxSeconds);
  // The lowest rate at which speech is stored; music takes four to twenty times as many bits.
  return coded(Math.min(maxSeconds, bytes.length / 3000), 48_000, 1);
}

export function estimateImage(bytes: Uint8Array): Estimate {
  const jpeg = textAt(bytes, 0, 2) === '\xff\xd8' ? jpegSize(bytes) : undefined;
  if (jpeg) return { decodeMs: bounded(msPerMillionJpegPixels * jpeg.width * jpeg.height), seconds: 0 };
  const pixels = pngPixels(bytes) ?? bytes.length * 8;
  return { decodeMs: bounded(msPerMillionPixels * pixels), seconds: 0 };
}

function coded(seconds: number, sampleRate: number, channels: number): Estimate {
  return { decodeMs: bounded(msPerMillionCodedSamples * seconds * sampleRate * channels), seconds };
}

function bounded(msTimesMillion: number): number {
  return Math.min(longestMs, fixedMs + msTimesMillion / 1e6);
}

function pcm(view: DataView, length: number, maxSeconds: number): Estimate {
  if (view.byteLength < 44 || textAt(bytesOf(view), 12, 4) !== 'fmt ') return coded(maxSeconds, 48_000, 1);
  const sampleRate = view.getUint32(24, true) || 1;
  const frameBytes = view.getUint16(32, true) || 1;
  const frames = Math.min(length / frameBytes, maxSeconds * sampleRate);
  const channels = view.getUint16(22, true);
  return { decodeMs: bounded(msPerMillionPcmSamples * frames * channels), seconds: frames / sampleRate };
}

function flac(view: DataView, maxSeconds: number): Estimate {
  if (view.byteLength < 26) return coded(0, 0, 0);
  // STREAMINFO: 20 bits of rate, 3 of channels − 1, 5 of bits − 1, 36 of samples; 0: not known.
  const word = view.getUint32(18);
  const sampleRate = word >>> 12 || 1;
  const channels = ((word >>> 9) & 7) + 1;
  const samples = (view.getUint8(21) & 15) * 2 ** 32 + view.getUint32(22);
  return coded(Math.min(maxSeconds, samples ? samples / sampleRate : maxSeconds), sampleRate, channels);
}

function ogg(view: DataView, bytes: Uint8Array, maxSeconds: number): Estimate {
  const tail = Math.max(0, bytes.length - 65_536);
  const last = Buffer.from(bytes.buffer, bytes.byteOffset + tail, bytes.length - tail).lastIndexOf('OggS');
  if (last < 0 || tail + last + 14 > bytes.length || bytes.length < 46) return coded(maxSeconds, 48_000, 2);
  const position = view.getUint32(tail + last + 6, true) + 2 ** 32 * view.getInt32(tail + last + 10, true);
  const isVorbis = textAt(bytes, 29, 6) === 'vorbis';
  const channels = isVorbis ? view.getUint8(39) : 2;
  const sampleRate = isVorbis ? view.getUint32(40, true) || 1 : 48_000; // Opus counts at 48 kHz
  const seconds = position > 0 ? position / sampleRate : maxSeconds;
  return coded(Math.min(maxSeconds, seconds), sampleRate, channels);
}

function pngPixels(bytes: Uint8Array): number | undefined {
  const view = viewOf(bytes);
  if (bytes.length <= 24 || textAt(bytes, 1, 3) !== 'PNG') return undefined;
  return view.getUint32(16) * view.getUint32(20);
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
