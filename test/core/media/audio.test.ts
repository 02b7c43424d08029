import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { InputError } from '#core/errors.ts';
import { decodeAudio } from '#core/media/audio.ts';
import { Random } from '#core/random.ts';
import { makeWav } from './support/makeWav.ts';

const sounds = new URL('../../fixtures/sounds/', import.meta.url); // made by make.py there, with libsndfile and ffmpeg
const read = async (name: string) => new Uint8Array(await readFile(new URL(name, sounds)));
const decode = (bytes: Uint8Array, maxSeconds = 60) => decodeAudio(bytes, { sampleRate: 8000, maxSeconds });

const lossless = ['tone.wav', 'tone.flac', 'tone-alac.m4a', 'tone-broadcast.m4a'];
const lossy = [
  ...['tone.mp3', 'tone.ogg', 'tone.opus', 'tone.m4a', 'tone-fragmented.m4a'],
  ...['tone.webm', 'tone-live.webm', 'tone-broadcast.webm'],
];

/** The tone of the fixtures: 440 Hz at half of full scale, from 0.1 to 0.4 s of half a second. */
const tone = Float32Array.from({ length: 4000 }, (_, n) => {
  return n >= 800 && n < 3200 ? 0.5 * Math.sin((2 * Math.PI * 440 * n) / 8000) : 0;
});

test.each(lossless)('%s gives the samples that were written', async (name) => {
  const waveform = await decode(await read(name));
  expect(waveform).toHaveLength(4000);
  expect(largestDifference(waveform, tone)).toBeLessThan(1 / 32768);
});

test.each(lossy)('%s gives the tone that was written, at its time, pitch and loudness', async (name) => {
  const waveform = await decode(await read(name));
  // ffmpeg writes no length for a fragmented file: its last AAC frame is filled up.
  expect(Math.abs(waveform.length - 4000)).toBeLessThan(name === 'tone-fragmented.m4a' ? 700 : 2);
  const inside = waveform.subarray(1200, 2800);
  expect(largestDifference(inside, tone.subarray(1200, 2800))).toBeLessThan(0.08); // a sample's shift would be 0.17
  expect(Math.max(...waveform.subarray(0, 500))).toBeLessThan(0.02);
});

// Half a second, give or take what Opus fills up; they count from 100.
test.each(['tone-broadcast.m4a', 'tone-broadcast.webm'])('%s is no longer than what was cut out', async (name) => {
  expect((await decode(await read(name), 0.6)).length).toBe(4000);
});

test.each(['late.mp4', 'late.mkv'])(
  '%s keeps the place of its sound in time, a second behind the first picture',
  async (name) => {
    const waveform = await decode(await read(name));
    expect(Math.abs(waveform.length - 12_000)).toBeLessThan(16); // files count milliseconds
    const shift = waveform.length - 12_000;
    expect(largestDifference(waveform.subarray(0, 8000 + shift), new Float32Array(8000 + shift))).toBe(0);
    expect(largestDifference(waveform.subarray(8000 + shift), tone)).toBeLessThan(1 / 32768);
  },
);

test.each(['edges-8.wav', 'edges-16.wav', 'edges-24.wav', 'edges-16.flac', 'edges-24.flac'])(
  "%s keeps each format's extremes: -2^(bits - 1) is -1, as libsndfile and scipy have it",
  async (name) => {
    const bits = Number(/\d+/.exec(name));
    const scale = 2 ** (bits - 1);
    const expected = Float32Array.of(-1, -1 / scale, 0, 1 / scale, (scale - 1) / scale);
    expect(await decode(await read(name))).toEqual(expected);
  },
);

describe('wav', () => {
  test('32 bits, floats of 32 and 64 bits, and the extensible header are read', async () => {
    const values = [0, 0.5, -0.25, -1];
    for (const [tag, bits] of [
      [1, 32],
      [3, 32],
      [3, 64],
      [0xfffe, 32],
    ] as const) {
      expect(await decode(makeWav({ channels: [values], tag, bits })), `${tag} ${bits}`).toEqual(
        Float32Array.from(values),
      );
    }
  });

  test('channels are averaged, be there two or four', async () => {
    const channels = [
      [0.5, 0],
      [0, 0.5],
      [-0.25, 0],
      [0.75, 0.5],
    ];
    expect(await decode(makeWav({ channels: channels.slice(0, 2) }))).toEqual(Float32Array.of(0.25, 0.25));
    expect(await decode(makeWav({ channels }))).toEqual(Float32Array.of(0.25, 0.25));
  });

  test('192 kHz is brought to the rate that is asked for, in the same time', async () => {
    const waveform = await decode(
      makeWav({ channels: [sine(1000, 192_000, 19_200)], sampleRate: 192_000, tag: 3, bits: 32 }),
    );
    expect(waveform).toHaveLength(800);
    expect(largestDifference(waveform.subarray(200, 600), sine(1000, 8000, 800).subarray(200, 600))).toBeLessThan(1e-4);
  });

  test('notes of odd length before the samples are stepped over', async () => {
    const plain = makeWav({ channels: [[0.5, -0.5]] });
    const note = Uint8Array.from([...Buffer.from('LIST'), 3, 0, 0, 0, 65, 66, 67, 0]);
    const noted = new Uint8Array(Buffer.concat([plain.subarray(0, 36), note, plain.subarray(36)]));
    expect(await decode(noted)).toEqual(Float32Array.of(0.5, -0.5));
  });

  test('lengths that a pipe could not fill in are taken from the file', async () => {
    const piped = makeWav({ channels: [[0.5, -0.5]] });
    new DataView(piped.buffer).setUint32(40, 0xffffffff, true);
    expect(await decode(piped)).toEqual(Float32Array.of(0.5, -0.5));
  });
});

describe('what is no sound is refused by its content', () => {
  test.each<[string, Uint8Array, InputError['kind'], RegExp]>([
    ['an empty file', new Uint8Array(0), 'unreadable_media', /empty/],
    ['a text', Buffer.from('Once upon a time '.repeat(100)), 'unsupported_media', /wav, mp3, ogg/],
    [
      'a text in UTF-16',
      Buffer.from(`\ufeff${'Once upon a time '.repeat(100)}`, 'utf16le'),
      'unsupported_media',
      /wav, mp3, ogg/,
    ],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), 'unsupported_media', /wav, mp3, ogg/],
    ['a wav without samples', makeWav({ channels: [[]] }), 'unreadable_media', /no samples/],
    ['a wav of µ-law', makeWav({ channels: [[0]], tag: 7, bits: 8 }), 'unsupported_media', /µ-law 8.*PCM 16/],
    [
      'a wav whose floats are not numbers',
      makeWav({ channels: [[0, Number.NaN]], tag: 3, bits: 32 }),
      'unreadable_media',
      /not numbers/,
    ],
    [
      'a wav that contradicts itself',
      makeWav({ channels: [[0]], frameBytes: 60_000 }),
      'unreadable_media',
      /do not make 60000 bytes/,
    ],
    ['a wav at 10 Hz', makeWav({ channels: [[0]], sampleRate: 10 }), 'unsupported_media', /sample rate from 1000/],
  ])('%s', async (_, bytes, kind, message) => {
    await expect(decode(bytes)).rejects.toMatchObject({
      name: 'InputError',
      kind,
      message: expect.stringMatching(message),
    });
  });

  test.each([...lossless, ...lossy])('%s longer than the limit', async (name) => {
    await expect(decode(await read(name), 0.4)).rejects.toMatchObject({ kind: 'too_large', message: /at most 0.4 s/ });
  });
});

describe('a file that is cut short is never taken for a shorter sound', () => {
  test.each([...lossless, ...lossy])('%s, cut anywhere', async (name) => {
    const whole = await read(name);
    const random = new Random(1);
    for (const length of [
      whole.length - 1,
      ...Array.from({ length: 20 }, () => 60 + random.integer(whole.length - 60)),
    ]) {
      const refusal = await decode(whole.slice(0, length)).then(
        (waveform) => `${waveform.length} samples`,
        (error) => (error as InputError).kind,
      );
      expect(refusal, `${length} of ${whole.length} bytes`).toBe('unreadable_media');
    }
  });
});

describe('a damaged file is decoded or refused, and nothing else happens', () => {
  test.each([...lossless, ...lossy])('%s with wrong bytes', async (name) => {
    const whole = await read(name);
    const sampleRate = /opus|webm/.test(name) ? 48_000 : 8000; // their own: resampling takes the longest
    const random = new Random(2);
    for (let round = 0; round < 40; round++) {
      const bytes = whole.slice();
      for (let wrong = 0; wrong <= random.integer(8); wrong++) {
        const isHeader = random.uniform() < 0.5;
        bytes[random.integer(isHeader ? 600 : bytes.length)] = random.uniform() < 0.5 ? 255 : random.integer(256);
      }
      const outcome = await decodeAudio(bytes, { sampleRate, maxSeconds: 60 }).catch((error) => error);
      expect(outcome instanceof Float32Array || outcome instanceof InputError, String(outcome)).toBe(true);
    }
  });
});

function sine(hertz: number, sampleRate: number, samples: number): Float32Array {
  return Float32Array.from({ length: samples }, (_, n) => Math.sin((2 * Math.PI * hertz * n) / sampleRate));
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, x, i) => Math.max(largest, Math.abs(x - (b[i] ?? Number.NaN))), 0);
}

test.each(['tone.ogg', 'tone.opus', 'tone.mp3', 'tone.flac', 'tone.m4a'])(
  'the 400th file of one thread is decoded as the first: %s',
  async (name) => {
    const bytes = await read(name);
    const first = await decode(bytes);
    for (let i = 0; i < 398; i++) await decode(bytes);
    expect(await decode(bytes)).toEqual(first);
  },
  60_000,
);

test('bytes in a Buffer that begins anywhere in its memory are the same sound', async () => {
  const samples = Float32Array.from({ length: 1000 }, (_, n) => ((n % 7) - 3) / 8);
  const wav = makeWav({ channels: [samples], sampleRate: 8000 });
  for (const offset of [0, 1, 44]) {
    const shared = Buffer.concat([Buffer.alloc(offset, 1), wav]).subarray(offset);
    expect(await decodeAudio(shared, { sampleRate: 8000 })).toEqual(await decodeAudio(wav, { sampleRate: 8000 }));
  }
});
