import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { InputError } from '#core/errors.ts';
import { decodeAudio } from '#core/media/audio.ts';
import { expectSound } from '#core/media/silence.ts';
import { makeWav } from './support/makeWav.ts';
import { mendChecksum, oggPages } from './support/oggPages.ts';

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
/** An APEv2 tag, header and footer, of one item. */
const ape = join(
  ...[0xa0000000, 0x80000000].flatMap((flags, i) => {
    const end = Buffer.from('APETAGEX\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0', 'latin1');
    for (const [at, value] of [2000, 48, 1, flags].entries()) end.writeUInt32LE(value, 8 + 4 * at);
    return i === 0 ? [end, Buffer.from('\x03\0\0\0\0\0\0\0Title\0\xff\xfb', 'latin1')] : [end];
  }),
);
const lyrics = Buffer.from('LYRICSBEGININD0000200LYR00011[00:01]abcd000039LYRICS200');
const id3v1 = join(Buffer.from('TAGevening song'), new Uint8Array(113));

describe.each(names)('%s', (name) => {
  test.each([
    ['an ID3 tag in front', (bytes: Uint8Array) => join(id3v2, bytes)],
    ['an APE tag in front', (bytes: Uint8Array) => join(ape, bytes)],
    ['an ID3 tag and room for more in front', (bytes: Uint8Array) => join(id3v2, new Uint8Array(60), bytes)],
    ['an APE tag, lyrics and an ID3v1 tag behind', (bytes: Uint8Array) => join(bytes, lyrics, ape, id3v1)],
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

test('an mp3 file with a cover in an APE tag behind it, in which there are frames of MP3, is the same sound', async () => {
  const bytes = await read('tone.mp3');
  const cover = bytes.subarray(bytes.length >> 1);
  const [header, footer] = [0xa0000000, 0x80000000].map((flags) => {
    const end = Buffer.from('APETAGEX'.padEnd(32, '\0'));
    for (const [at, value] of [2000, cover.length + 32, 1, flags].entries()) end.writeUInt32LE(value, 8 + 4 * at);
    return end;
  }) as [Buffer, Buffer];
  const plain = await decode(bytes);
  expect(await decode(join(bytes, header, cover, footer))).toEqual(plain);
  expect(await decode(join(bytes, header, cover, footer, id3v1))).toEqual(plain);
});

describe.each(['tone.m4a', 'tone-alac.m4a'])('%s with boxes of a camera', (name) => {
  const boxes = join(...['SEFT', 'beam'].map((own) => Buffer.from(`\0\0\0\x10${own}anything`, 'latin1')));

  test.each(['moov', 'mdat'])('before "%s" is the same sound', async (at) => {
    const bytes = await read(name);
    const place = Buffer.from(bytes).indexOf(at) - 4;
    const changed = join(bytes.subarray(0, place), boxes, bytes.subarray(place));
    // Where the samples lie is said in bytes from the file's beginning.
    const whole = at === 'mdat' ? movedBy(boxes.length, changed) : changed;
    expect(await decode(whole)).toEqual(await decode(bytes));
  });

  /** With the place of its one chunk, as the box "stco" has it. */
  function movedBy(offset: number, bytes: Uint8Array): Uint8Array {
    const moved = Buffer.from(bytes);
    const at = moved.indexOf('stco') + 12;
    moved.writeUInt32BE(moved.readUInt32BE(at) + offset, at);
    return new Uint8Array(moved);
  }
});

test.each(['tone.ogg', 'tone.mp3', 'tone.flac'])('%s is the same sound for the 300th time', async (name) => {
  const bytes = await read(name);
  const first = await decode(bytes);
  for (let i = 0; i < 298; i++) await decode(bytes); // decoders are kept, and their memory does not grow
  expect(await decode(bytes)).toEqual(first);
});

describe('an ogg file without the end-of-stream flag is whole', () => {
  test.each(['tone.ogg', 'tone.opus'])('%s', async (name) => {
    const pages = oggPages(await read(name));
    const last = pages.at(-1) as Uint8Array<ArrayBuffer>;
    last[5] = (last[5] as number) & ~4;
    mendChecksum(last);
    const [flagless, whole] = [await decode(join(...pages)), await decode(await read(name))];
    expect(flagless.length).toBeGreaterThanOrEqual(whole.length); // the flag lets the last packet be trimmed
    // Until the filter hears what the flag cuts off.
    expect(flagless.subarray(0, whole.length - 80)).toEqual(whole.subarray(0, whole.length - 80));
  });
});

test.each(names.filter((name) => name !== 'tone.mp3'))(
  '%s with another recording behind it is refused, not heard by half',
  async (name) => {
    const bytes = await read(name);
    expect(await refusal(join(bytes, bytes))).toMatch(/unsupported_media: .*another begins in the same/);
  },
);

test('an mp3 file with another behind it is as long as both: it is a stream of frames', async () => {
  const bytes = await read('tone.mp3');
  const [one, two] = [await decode(bytes), await decode(join(bytes, bytes))];
  expect(two.length).toBeGreaterThan(1.9 * one.length);
});

describe('an ogg file with damaged pages is refused', () => {
  const changed = (page: Uint8Array = new Uint8Array(0)) => page.map((byte, i) => (i === 60 ? byte ^ 1 : byte));

  test.each<[string, (pages: Uint8Array[]) => Uint8Array[], RegExp]>([
    ['a byte of its sound changed', (pages) => [...pages.slice(0, -1), changed(pages.at(-1))], /wrong checksum/],
    [
      'a byte of its headers changed',
      ([first, second, ...others]) => [first ?? changed(), changed(second), ...others],
      /wrong checksum/,
    ],
    ['a page twice', (pages) => [...pages, ...pages.slice(-1)], /comes twice/],
    ['a page missing', ([first, , ...others]) => [first ?? changed(), ...others], /pages are missing/],
  ])('%s', async (_, change, message) => {
    for (const name of ['tone.ogg', 'tone.opus']) {
      expect(await refusal(join(...change(oggPages(await read(name)))))).toMatch(message);
    }
  });
});

test('an mp3 file that lacks frames in its middle is refused, by the count in its first frame', async () => {
  const bytes = await read('tone.mp3');
  const middle = bytes.length >> 1;
  const refused = await refusal(join(bytes.subarray(0, middle), bytes.subarray(middle + 1500)));
  expect(refused).toMatch(/unreadable_media: .*mp3 file is cut short/);
});

test('formats that are looked for in vain are named: MP2, FLAC in ogg', async () => {
  const frame = Buffer.alloc(384); // of 128 kbit/s at 48 kHz
  frame.writeUInt32BE(0xfffd8400);
  const refused = await refusal(join(...Array<Uint8Array>(20).fill(frame)));
  expect(refused).toMatch(/unsupported_media: .*MP2 \(MPEG audio, layer II\)/);
  const page = join(
    Buffer.from('OggS\0\x02'),
    new Uint8Array(20),
    Uint8Array.of(1, 13),
    Buffer.from('\x7fFLAC\x01\0\0\x01fLaC'),
  );
  mendChecksum(page);
  expect(await refusal(page)).toMatch(/unsupported_media: Expected Vorbis or Opus in the ogg file but received FLAC/);
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

test('a constant is silence at any value, and a sound upon a constant is none', async () => {
  const constant = Array.from({ length: 48_000 }, () => 0.25);
  const heard = async (values: number[]) =>
    decode(makeWav({ channels: [values], tag: 3, bits: 32, sampleRate: 48_000 }));
  const silent = await heard(constant); // its beginning and end are what resampling makes of a step
  expect(() => expectSound(silent)).toThrow(/The sound is silent/);
  expectSound(await heard(constant.map((value, n) => value + 0.01 * Math.sin(n / 20))));
  expectSound(await heard([...constant.slice(0, 200).map((_, n) => Math.sin(n)), ...constant.map(() => 0)])); // a click
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

test('where more than a hundredth of a sound is cut off at full scale, that is said', async () => {
  const notes: string[] = [];
  const sine = Array.from({ length: 8000 }, (_, n) => Math.sin(n / 5));
  await decode(makeWav({ channels: [sine.map((x) => 3 * x)], tag: 3, bits: 32 }), (note) => notes.push(note));
  expect(notes).toEqual([expect.stringMatching(/^7[78] % of its samples exceed full scale/)]); // 1 − 2 asin(1/3) / π
  await decode(makeWav({ channels: [sine], tag: 3, bits: 32 }), (note) => notes.push(note));
  expect(notes).toHaveLength(1);
});

describe('sizes that wav files state', () => {
  const plain = makeWav({ channels: [[0.5, -0.5, 0.25]] });
  const [format, samples] = [plain.subarray(12, 36), plain.subarray(44)];
  const u32 = (value: number) => Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
  const chunk = (name: string, body: Uint8Array, size = body.length) => join(Buffer.from(name), u32(size), body);
  const riff = (...chunks: Uint8Array[]) =>
    join(Buffer.from('RIFF'), u32(4 + join(...chunks).length), Buffer.from('WAVE'), ...chunks);
  const long = (name: string, bytes: number, ...behind: Uint8Array[]) =>
    join(
      ...[Buffer.from(name), u32(0xffffffff), Buffer.from('WAVE')],
      ...[chunk('ds64', join(u32(0), u32(0), u32(bytes), new Uint8Array(16))), format],
      ...[chunk('data', samples, 0xffffffff), ...behind],
    );
  const note = chunk('LIST', Uint8Array.of(65, 66, 67));

  test.each<[string, Uint8Array]>([
    ['0 for the samples, as a recorder that broke off leaves it', riff(format, chunk('data', samples, 0))],
    ['that of 64 bits, with a note behind', long('RF64', 6, join(note, Uint8Array.of(0)))],
    ['that of 64 bits, as broadcasters write it', long('BW64', 6)],
    ['an odd one, and no byte to make it even', riff(note, format, chunk('data', samples))],
    ['too short a one for the whole', join(Buffer.from('RIFF'), u32(36), plain.subarray(8))],
  ])('%s', async (_, bytes) => {
    expect(await decode(bytes)).toEqual(Float32Array.of(0.5, -0.5, 0.25));
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['more than there is, in 64 bits', long('RF64', 600), /cut short: 6 of 600 bytes/],
    ['two lots of samples', riff(format, chunk('data', samples), chunk('data', samples)), /in several parts/],
    ['no rate', riff(chunk('fmt ', format.slice(8).fill(0, 4, 8)), chunk('data', samples)), /sample rate is 0/],
    ['none, for there are no samples', riff(format, chunk('data', new Uint8Array(0)), note), /no samples/],
  ])('%s: refused', async (_, bytes, message) => {
    expect(await refusal(bytes)).toMatch(message);
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
    ['decode-bombs/flac-malformed-14kB.flac', /too_large: .*at most 120 s/],
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
