import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { InputError } from '#core/errors.ts';
import { decodeAudio } from '#core/media/audio.ts';
import { expectSound } from '#core/media/silence.ts';
import { makeWav } from './support/makeWav.ts';

const sounds = new URL('../../fixtures/sounds/', import.meta.url); // made by make.py there, with libsndfile and ffmpeg
const read = async (name: string) => new Uint8Array(await readFile(new URL(name, sounds)));
const decode = (bytes: Uint8Array, onNote?: (note: string) => void) =>
  decodeAudio(bytes, { sampleRate: 8000, maxSeconds: 120, onNote });
const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const refusal = (bytes: Uint8Array) =>
  decode(bytes).then(
    (waveform) => `${waveform.length} samples`,
    ({ kind, message }: InputError) => `${kind}: ${message}`,
  );

const names = [
  ...['tone.wav', 'tone.flac', 'tone-alac.m4a', 'tone.mp3', 'tone.ogg', 'tone.opus'],
  ...['tone.m4a', 'tone-fragmented.m4a', 'tone.webm', 'tone-live.webm'],
];

/** An ID3v2 tag of 300 bytes, with bytes in it that look like frames of MP3. */
const id3v2 = join(Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 2, 44]), new Uint8Array(300).fill(0xff));
const id3v1 = join(Buffer.from('TAGevening song'), new Uint8Array(113));

describe.each(names)('%s', (name) => {
  test.each([
    ['an ID3 tag in front', (bytes: Uint8Array) => join(id3v2, bytes)],
    ['two ID3 tags in front', (bytes: Uint8Array) => join(id3v2, id3v2, bytes)],
    ['an ID3v1 tag behind', (bytes: Uint8Array) => join(bytes, id3v1)],
    ['four zeros behind', (bytes: Uint8Array) => join(bytes, new Uint8Array(4))],
    ['a sector of zeros behind', (bytes: Uint8Array) => join(bytes, new Uint8Array(512))],
    [
      'its name in a text behind',
      (bytes: Uint8Array) => join(bytes, Buffer.from('\nrecorded with my own program, 2019\n')),
    ],
  ])('with %s is the same sound', async (_, change) => {
    const whole = await read(name);
    const plain = await decode(whole);
    const changed = await decode(change(whole));
    // What the last packet of a file without its length holds is known less exactly.
    expect(changed).toEqual(plain);
  });
});

test.each(['tone.ogg', 'tone.mp3', 'tone.flac'])('%s is the same sound for the 300th time', async (name) => {
  const bytes = await read(name);
  const first = await decode(bytes);
  for (let i = 0; i < 298; i++) await decode(bytes); // decoders are kept, and their memory does not grow
  expect(await decode(bytes)).toEqual(first);
});

describe('an ogg file without the end-of-stream flag is whole', () => {
  test.each(['tone.ogg', 'tone.opus'])('%s', async (name) => {
    const bytes = await read(name);
    const last = Buffer.from(bytes).lastIndexOf('OggS');
    bytes[last + 5] = (bytes[last + 5] as number) & ~4;
    new DataView(bytes.buffer).setUint32(last + 22, 0, true);
    new DataView(bytes.buffer).setUint32(last + 22, oggChecksum(bytes.subarray(last)), true);
    const [flagless, whole] = [await decode(bytes), await decode(await read(name))];
    expect(flagless.length).toBeGreaterThanOrEqual(whole.length); // the flag lets the last packet be trimmed
    // Until the filter hears what the flag cuts off.
    expect(flagless.subarray(0, whole.length - 80)).toEqual(whole.subarray(0, whole.length - 80));
  });

  test('one with another recording behind it is refused, not heard by half', async () => {
    const bytes = await read('tone.ogg');
    expect(await refusal(join(bytes, bytes))).toMatch(/unsupported_media: .*another begins behind it/);
  });
});

describe('channels', () => {
  const sine = Array.from({ length: 4000 }, (_, n) => 0.25 * Math.sin(n / 5));
  const negative = sine.map((x) => -x);
  const silence = sine.map(() => 0);
  const faint = sine.map((x) => x / 100);

  test.each([
    ['inverted', [sine, negative], 1],
    ['inverted, the second a little louder', [sine, negative.map((x) => 1.05 * x)], 2],
    ['inverted with the noise of a lossy codec', [sine, negative.map((x, n) => 0.99 * x + 0.002 * Math.cos(n * n))], 1],
    ['inverted among silent ones', [silence, sine, negative, silence], 2],
  ])('%s: one is heard, and that is said', async (_, channels, heard) => {
    const notes: string[] = [];
    const waveform = await decode(makeWav({ channels, tag: 3, bits: 32 }), (note) => notes.push(note));
    expect(waveform).toEqual(Float32Array.from(channels[heard - 1] as number[]));
    expect(notes).toEqual([`Its ${channels.length} channels cancel each other; channel ${heard} alone is heard.`]);
  });

  test.each([
    ['alike', [sine, sine], 1],
    ['one of two silent', [sine, silence], 0.5],
    ['one of two faint', [sine, faint], 0.505],
    ['one of eight heard', [sine, ...Array(7).fill(silence)], 1 / 8],
  ])('%s: their mean is heard', async (_, channels, factor) => {
    const notes: string[] = [];
    const waveform = await decode(makeWav({ channels, tag: 3, bits: 32 }), (note) => notes.push(note));
    expect(Math.abs((waveform[8] as number) - factor * (sine[8] as number))).toBeLessThan(1e-7);
    expect(notes).toEqual([]);
  });
});

test('silence, and what is as quiet, is refused where it would be judged', async () => {
  const noise = (peak: number) => Array.from({ length: 800 }, (_, n) => peak * Math.sin(n));
  for (const values of [noise(0), noise(0.0005)]) {
    const waveform = await decode(makeWav({ channels: [values], tag: 3, bits: 32 }));
    expect(() => expectSound(waveform)).toThrow(/The sound is silent.*microphone muted/);
  }
  expectSound(await decode(makeWav({ channels: [noise(0.002)], tag: 3, bits: 32 })));
});

describe('scale', () => {
  const wav = (values: number[]) => makeWav({ channels: [values], tag: 3, bits: 32 });

  test('samples far beyond full scale are refused with the peak that was found', async () => {
    expect(await refusal(wav([0, 915, -300]))).toMatch(
      /unreadable_media: .*within ±1 but found 915 .*divide them by 32768/,
    );
    expect(await refusal(wav([0, -2e9]))).toMatch(/found 2000000000/);
    expect(await refusal(wav([0, 100]))).toMatch(/found 100/);
    expect(await refusal(wav([0, Number.POSITIVE_INFINITY]))).toMatch(/not numbers/);
  });

  test('what exceeds full scale a little is cut off there, as in a dataset', async () => {
    expect(await decode(wav([0.5, 1.2, -1.5, 1]))).toEqual(Float32Array.of(0.5, 1, -1, 1));
  });
});

describe('small files that would fill memory and time', () => {
  const nested = (depth: number) => {
    const bytes = Buffer.alloc(16 + 8 * depth);
    bytes.write('\0\0\0\x10ftypM4A \0\0\0\0', 'latin1');
    for (let i = 0; i < depth; i++) {
      bytes.writeUInt32BE(8 * (depth - i), 16 + 8 * i);
      bytes.write('moov', 20 + 8 * i, 'latin1');
    }
    return new Uint8Array(bytes);
  };

  test('20,000 boxes in each other are no sound', async () => {
    expect(await refusal(nested(20_000))).toMatch(/^unreadable_media/);
  });

  test('more channels than a recording has are refused before they are decoded', async () => {
    const channels = Array.from({ length: 300 }, () => [0]);
    expect(await refusal(makeWav({ channels }))).toMatch(/too_large: .*at most 16 channels but received 300/);
  });
});

test.each([
  // EBML's header, and a segment of unknown length full of elements without content.
  ['webm', '1a45dfa39f4286810142f7810142f2810442f381084282847765626d42878104428581021853806701ffffffffffffff', 'ec80'],
  ['m4a', '00000018667479704d344120000000004d3441206d703432', '0000000866726565'],
])('25 MB of empty parts are refused soon: %s', async (name, head, part) => {
  const hex = (text: string) => Buffer.from(text, 'hex');
  const bytes = Buffer.concat([hex(head), Buffer.alloc(25e6 - (25e6 % 8), hex(part))]);
  const before = process.cpuUsage();
  expect(await refusal(new Uint8Array(bytes))).toMatch(new RegExp(`unreadable_media: .*${name}`));
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(4); // 1 to 1.5 s; other threads of the process count too
});

const cases = new URL('../../../../shared/cases/', import.meta.url);
describe.skipIf(!existsSync(cases))('the cases', () => {
  afterEach(() => vi.restoreAllMocks());

  test.each<[string, number | RegExp]>([
    ['id3-before-flac-or-aac/spoken-7-id3.flac', 3.6425],
    ['id3-before-flac-or-aac/spoken-7-id3.aac', /unsupported_media: .*AAC/],
    ['ogg-without-end-flag/with-end-flag.ogg', 3.6425],
    ['ogg-without-end-flag/without-end-flag.ogg', 3.6535],
    ['ogg-without-end-flag/vorbis-without-end-flag.ogg', 0.448],
    ['bytes-after-m4a-or-webm/id3v1.m4a', 0.4285], // the encoder's padding not counted
    ['bytes-after-m4a-or-webm/four-zeros.m4a', 0.4285],
    ['bytes-after-m4a-or-webm/zeros.webm', 0.4285],
    ['float-wav-beyond-full-scale/s7_unnorm.wav', /unreadable_media: .*within ±1 but found 915/],
    ['decode-bombs/flac-length-unknown-51kB.flac', /too_large: .*at most 120 s/],
    ['decode-bombs/flac-malformed-14kB.flac', /unreadable_media: .*damaged/],
    ['decode-bombs/m4a-one-offset-163kB.m4a', /too_large: .*at most 120 s/],
    ['decode-bombs/m4a-one-offset-483kB.m4a', /too_large: .*at most 120 s/],
    ['decode-bombs/m4a-nested-160kB.m4a', /^unreadable_media/],
  ])('%s', async (name, expected) => {
    const errors = vi.spyOn(console, 'error');
    const bytes = new Uint8Array(await readFile(new URL(name, cases)));
    if (typeof expected === 'number') expect((await decode(bytes)).length / 8000).toBeCloseTo(expected, 3);
    else expect(await refusal(bytes)).toMatch(expected);
    expect(errors).not.toHaveBeenCalled();
  });
});

/** RFC 3533: CRC-32 with the polynomial 0x04c11db7, of the page with zeros for the checksum. */
function oggChecksum(page: Uint8Array): number {
  let checksum = 0;
  for (const byte of page) {
    checksum ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) checksum = checksum & 0x80000000 ? (checksum << 1) ^ 0x04c11db7 : checksum << 1;
  }
  return checksum >>> 0;
}
