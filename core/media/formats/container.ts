import {
  ADTS,
  type AudioCodec,
  BufferSource,
  type EncodedPacket,
  EncodedPacketSink,
  FLAC,
  Input,
  type InputAudioTrack,
  type InputVideoTrack,
  Logging,
  LogLevel,
  MATROSKA,
  MP3,
  MP4,
  OGG,
  QTFF,
  WEBM,
} from 'mediabunny';
import { InputError } from '../../errors.ts';
import type { CodecConfig } from '../codecs/codec.ts';
import { preSkipOf } from '../codecs/opus.ts';
import { textAt } from './bytes.ts';
import { flacFrames } from './flac.ts';
import { cutShort, damaged } from './format.ts';
import { alacCookie, expectWholeM4a } from './m4a.ts';
import { type Mp3Sound, readMp3 } from './mp3.ts';
import { expectWholeOgg, oggPackets } from './ogg.ts';
import { expectWholeWebm } from './webm.ts';

Logging.level = LogLevel.Silent; // what is wrong with a stranger's file is the stranger's to know

export type ContainerName = 'mp3' | 'ogg' | 'flac' | 'm4a' | 'webm';

export interface Packet {
  data: Uint8Array;
  /** Of the sound up to its end, as far as the file says. */
  endSeconds: number;
}

/** What is known of a file that is all there. */
export interface Whole {
  /** The byte where something else may follow. */
  end: number;
  /** Of an mp3 file. */
  mp3: Mp3Sound | null;
  paddingSeconds: number;
  /** Whether the sound ends where the last packet's time does: the encoder filled that packet up. */
  endSeconds: boolean;
  /** How many samples the pages count, where they do; 0: not known. */
  granules: number;
}

/** @throws {InputError} for a file that is cut short: mediabunny gives what is there of it. */
function expectWhole(name: ContainerName, bytes: Uint8Array): Whole {
  const whole: Whole = { end: bytes.length, mp3: null, paddingSeconds: 0, endSeconds: false, granules: 0 };
  switch (name) {
    case 'mp3': {
      const mp3 = readMp3(bytes);
      return { ...whole, mp3, paddingSeconds: mp3.padding / mp3.sampleRate };
    }
    case 'ogg':
      return { ...whole, ...expectWholeOgg(bytes) };
    case 'm4a':
      return { ...whole, ...expectWholeM4a(bytes), endSeconds: true };
    case 'webm':
      return { ...whole, ...expectWholeWebm(bytes) };
    case 'flac':
      return whole;
  }
}

/** A file of sound, taken apart but not decoded. */
export interface Container {
  name: ContainerName;
  whole: Whole;
  /** As mediabunny calls it. */
  codec: string;
  config: Omit<CodecConfig, 'leastRate'>;
  /** What the file says, or null. */
  seconds: number | null;
  /** A guess that nothing but the room made for the sound depends on; 0: none. */
  expectedSeconds: number;
  /** Silence before the sound: a film's pictures may begin earlier. Packets' times count it. */
  lateSeconds: number;
  packets(): AsyncIterable<Packet> | Iterable<Packet>;
}

const names: Record<string, ContainerName> = {
  MP3: 'mp3',
  Ogg: 'ogg',
  FLAC: 'flac',
  MP4: 'm4a',
  'QuickTime File Format': 'm4a',
  WebM: 'webm',
  Matroska: 'webm',
};

/**
 * Reads the structure of mp3, ogg, flac, m4a (mp4, mov) and webm (Matroska) with mediabunny, whatever stands before or behind it.
 *
 * @returns null for bytes that are none of them.
 * @throws {InputError} for one without sound that is decoded here, or damaged.
 */
export async function openContainer(bytes: Uint8Array): Promise<Container | null> {
  const formats = [MP4, QTFF, MATROSKA, WEBM, OGG, FLAC, MP3, ADTS];
  const open = (part: Uint8Array) => new Input({ formats, source: new BoundedSource(part) });
  const input = open(bytes);
  const format = await input.getFormat().catch(() => null);
  if (!format) return null;
  const name = names[format.name];
  if (!name) {
    throw new InputError(
      'Expected a sound file but these bytes are bare AAC (ADTS). Convert it to m4a, wav or flac.',
      'unsupported_media',
    );
  }
  const whole = expectWhole(name, bytes);
  const own = whole.end === bytes.length ? input : open(bytes.subarray(0, whole.end));
  try {
    const track = await own.getPrimaryAudioTrack();
    if (!track) throw withoutTrack(name, bytes);
    const described = await describe(name, track, {
      film: await own.getPrimaryVideoTrack(),
      bytes: bytes.subarray(0, whole.end),
      mp3: whole.mp3,
    });
    const expectedSeconds = described.seconds ?? whole.granules / track.sampleRate;
    return { name, whole, expectedSeconds, ...described };
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw damaged(name, 'its structure cannot be read', { cause });
  }
}

/** mediabunny passes over what it does not know in Ogg. */
function withoutTrack(name: ContainerName, bytes: Uint8Array): InputError {
  const codec = name === 'ogg' && /\x7fFLAC|Speex {3}|\x80kate|PCM {5}|Midi/.exec(textAt(bytes, 28, 8))?.[0];
  if (!codec) {
    const format = name === 'm4a' ? 'mp4 or m4a' : name;
    return new InputError(`Expected sound but the ${format} file has none.`, 'unreadable_media');
  }
  return new InputError(
    `Expected Vorbis or Opus in the ogg file but received ${codec.replace(/[^A-Za-z]/g, '')}. Convert it to wav or flac.`,
    'unsupported_media',
  );
}

/** An hour of sound takes some thousands; more are made for files of tiny parts without sound, 3 million a second. */
const mostReads = 2e6;

/** Ends what does not end by itself, or not soon: some bytes are read again and again. */
class BoundedSource extends BufferSource {
  #left: number;

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.#left = Math.min(bytes.length + 10_000, mostReads);
  }

  /** Of the library's inside: gives all bytes, each time that some are asked for. */
  _read(): unknown {
    if (--this.#left < 0) throw new Error('it is read without end');
    return (BufferSource.prototype as unknown as { _read(): unknown })._read.call(this);
  }
}

async function describe(
  name: ContainerName,
  track: InputAudioTrack,
  { film, bytes, mp3 }: { film: InputVideoTrack | null; bytes: Uint8Array; mp3: Mp3Sound | null },
): Promise<Omit<Container, 'name' | 'whole' | 'expectedSeconds'>> {
  const codec: AudioCodec | 'alac' | null = track.codec ?? (track.internalCodecId === 'alac' ? 'alac' : null);
  if (!codec) {
    throw new InputError(
      `Expected a ${name} file of a codec that is decoded here but its sound is ${track.internalCodecId ?? 'of none known'}. Convert it to wav or flac.`,
      'unsupported_media',
    );
  }
  const { description } = (await track.getDecoderConfig()) ?? {};
  const sink = new EncodedPacketSink(track);
  const first = name === 'flac' || name === 'mp3' ? null : await sink.getFirstPacket();
  const firstSeconds = Math.max(0, first?.timestamp ?? 0);
  // What is cut out of a broadcast counts from the broadcast's beginning.
  const beginSeconds = film && firstSeconds > 0 ? Math.min(firstSeconds, await film.getFirstTimestamp()) : firstSeconds;
  const seconds = await track.getDurationFromMetadata();
  return {
    codec,
    config: {
      description: codec === 'alac' ? alacCookie(bytes) : description && bytesOf(description),
      channels: track.numberOfChannels,
      startSeconds: mp3 ? mp3.delay / mp3.sampleRate : Math.max(0, -(first?.timestamp ?? 0)),
    },
    seconds: seconds && Math.max(0, seconds - beginSeconds),
    lateSeconds: name === 'ogg' ? 0 : firstSeconds - beginSeconds,
    packets: () => {
      if (name === 'flac') return flacPackets(bytes, track.sampleRate);
      if (mp3) return mp3Packets(bytes, mp3);
      if (name === 'ogg') return oggSound(bytes, track, { description, firstSeconds });
      return libraryPackets(name, sink, { first, beginSeconds });
    },
  };
}

function* flacPackets(bytes: Uint8Array, sampleRate: number): Generator<Packet> {
  for (const { data, endSample } of flacFrames(bytes)) yield { data, endSeconds: endSample / sampleRate };
}

function* mp3Packets(bytes: Uint8Array, { frames, frameSamples, sampleRate }: Mp3Sound): Generator<Packet> {
  for (const [i, { start, end }] of frames.entries()) {
    yield { data: bytes.subarray(start, end), endSeconds: ((i + 1) * frameSamples) / sampleRate };
  }
}

function* oggSound(
  bytes: Uint8Array,
  { id, codec, sampleRate }: InputAudioTrack,
  { description, firstSeconds }: { description: AllowSharedBufferSource | undefined; firstSeconds: number },
): Generator<Packet> {
  const isOpus = codec === 'opus';
  const skipped = isOpus && description ? preSkipOf(bytesOf(description)) : 0;
  const start = skipped + firstSeconds * sampleRate;
  for (const { data, granules } of oggPackets(bytes, { stream: id, headers: isOpus ? 2 : 3 })) {
    yield { data, endSeconds: (granules - start) / sampleRate };
  }
}

async function* libraryPackets(
  name: ContainerName,
  sink: EncodedPacketSink,
  { first, beginSeconds }: { first: EncodedPacket | null; beginSeconds: number },
): AsyncGenerator<Packet> {
  try {
    for (let packet = first; packet; packet = await sink.getNextPacket(packet)) {
      yield { data: packet.data, endSeconds: packet.timestamp + packet.duration - beginSeconds };
    }
  } catch (cause) {
    throw cause instanceof InputError ? cause : cutShort(name, 'it ends before its sound does');
  }
}

function bytesOf(buffer: AllowSharedBufferSource): Uint8Array {
  return ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
}
