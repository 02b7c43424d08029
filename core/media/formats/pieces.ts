import audioDecode from 'audio-decode';
import { type DecodedSound, damaged, expectAtMost } from './format.ts';

export interface PiecesOptions {
  decoder: 'flac' | 'm4a' | 'mp3' | 'oga' | 'opus' | 'webm';
  /** As people call it. */
  format: string;
  maxSeconds: number;
  /** How much is decoded before the next look at how long the sound has become; default all at once. */
  pieceBytes?: number;
}

/** Decodes with audio-decode (WebAssembly), piece by piece, so that a small file of hours of silence cannot fill the memory. */
export async function decodePieces(bytes: Uint8Array, options: PiecesOptions): Promise<DecodedSound> {
  const { decoder, format, maxSeconds, pieceBytes = bytes.length } = options;
  const decode = await audioDecode[decoder]();
  const pieces: DecodedSound[] = [];
  let seconds = 0;
  const keep = ({ channelData: channels, sampleRate }: { channelData: Float32Array[]; sampleRate: number }) => {
    if (channels.length === 0) return;
    pieces.push({ channels, sampleRate });
    seconds += (channels[0]?.length ?? 0) / sampleRate;
  };
  try {
    for (let start = 0; start < bytes.length && seconds <= maxSeconds; start += pieceBytes) {
      keep(await decode(bytes.subarray(start, start + pieceBytes)));
    }
    keep(await decode()); // what it held back
  } catch (cause) {
    throw damaged(format, 'it cannot be decoded', { cause });
  } finally {
    decode.free();
  }
  expectAtMost(maxSeconds, seconds);
  return join(pieces, format);
}

function join(pieces: DecodedSound[], format: string): DecodedSound {
  const sampleRate = pieces[0]?.sampleRate ?? 0;
  if (pieces.some((piece) => piece.sampleRate !== sampleRate)) throw damaged(format, 'its sample rate changes midway');
  const width = Math.max(0, ...pieces.map(({ channels }) => channels.length));
  const length = pieces.reduce((sum, { channels }) => sum + (channels[0]?.length ?? 0), 0);
  const channels = Array.from({ length: width }, (_, channel) => {
    const samples = new Float32Array(length);
    let filled = 0;
    for (const piece of pieces) {
      // A piece whose two channels are alike comes as one.
      const part = piece.channels[channel % piece.channels.length] as Float32Array;
      samples.set(part, filled);
      filled += part.length;
    }
    return samples;
  });
  return { channels, sampleRate };
}
