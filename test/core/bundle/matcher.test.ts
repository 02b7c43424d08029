import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMatcher, type Matcher } from '#core/bundle/matcher.ts';
import type { Bundle, RunGraph } from '#core/bundle/open.ts';
import { overWindows, sigmoid } from '#core/bundle/overWindows.ts';
import { type DigitSplit, digitPicture, readDigits } from '#core/datasets/digits.ts';
import { prepareImage } from '#core/media/image.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { decodePicture } from '#node/media/picture.ts';

let bundle: Bundle;
let matcher: Matcher;
let digits: DigitSplit;
/** Runs of each graph, and the outputs that were asked for. */
let runs: { graph: string; outputs: readonly string[]; rows: number }[];

beforeAll(async () => {
  const opened = await openBundleFolder('models/digits', { threads: 1 });
  const run: RunGraph = async (graph, inputs, outputs) => {
    const [values] = Object.values(inputs);
    const size = { audio: 8000, image: 28 * 28 * 3 }[graph] ?? 64;
    runs.push({ graph, outputs, rows: (values?.length ?? 0) / size });
    return opened.run(graph, inputs, outputs);
  };
  bundle = { ...opened, run };
  matcher = createMatcher(bundle);
  digits = await readDigits(async (file) => readFileSync(`datasets/digits/${file}`), 'test');
  runs = [];
});
afterAll(() => bundle.release());

const counts = () => {
  const rows: Record<string, number> = {};
  for (const run of runs.splice(0)) rows[run.graph] = (rows[run.graph] ?? 0) + run.rows;
  return rows;
};

describe('the matcher', () => {
  test('asks N sounds × M pictures of N + M encoder runs, and gives what each pair gives alone', async () => {
    const sounds = await Promise.all(digits.recordings.slice(0, 5).map(({ waveform }) => matcher.embedAudio(waveform)));
    const pictures = await Promise.all(
      digits.images.slice(0, 3).map((image) => matcher.embedImage(digitPicture(image))),
    );
    const matrix = await matcher.scoreMatrix(sounds, pictures);
    expect(counts()).toEqual({ audio: 5, image: 3, match: 15 });
    for (const [p, picture] of pictures.entries()) {
      for (const [s, sound] of sounds.entries()) {
        const { score, windows } = await matcher.score(sound, picture);
        expect(matrix[p]?.[s]?.score).toBeCloseTo(score, 6);
        expect(windows).toEqual([{ startSeconds: 0, score }]);
      }
    }
    expect(Object.keys(counts())).toEqual(['match']);
    expect(await matcher.scoreMatrix([], pictures)).toEqual([[], [], []]);
  });

  test('gives the probability that the graph gives', async () => {
    const [recording, image] = [digits.recordings[7], digits.images[7]] as [never, never];
    const sound = await matcher.embedAudio((recording as (typeof digits.recordings)[number]).waveform);
    const picture = await matcher.embedImage(digitPicture(image as (typeof digits.images)[number]));
    const feeds = { audio_embedding: sound.embeddings.data, image_embedding: picture.embeddings.data };
    const { probability } = await bundle.run('match', feeds, ['probability']);
    expect((await matcher.score(sound, picture)).score).toBeCloseTo(probability[0] as number, 6);
    const { probabilities } = await bundle.run('classify-spoken-digit', { audio_embedding: sound.embeddings.data }, [
      'probabilities',
    ]);
    const [{ classes = [] } = {}] = await matcher.classify('audio', sound);
    for (const { label, probability } of classes)
      expect(probability).toBeCloseTo(probabilities[Number(label)] as number, 6);
    expect(classes.map((one) => one.probability)).toEqual(
      classes.map((one) => one.probability).toSorted((a, b) => b - a),
    );
  });

  test('asks for features only where they are wanted', async () => {
    runs.splice(0);
    const waveform = (digits.recordings[0] as (typeof digits.recordings)[number]).waveform;
    expect((await matcher.embedAudio(waveform)).features).toBeNull(); // no classifier of this bundle reads them
    expect((await matcher.embedAudio(waveform, { features: true })).features).toMatchObject({ rows: 1, columns: 384 });
    expect(runs.splice(0).map(({ outputs }) => outputs)).toEqual([
      ['audio_embedding'],
      ['audio_embedding', 'audio_features'],
    ]);
  });

  test('leaves windows out in which nothing is heard beside the rest', async () => {
    const waveform = new Float32Array(5 * 8000);
    waveform.set((digits.recordings[0] as (typeof digits.recordings)[number]).waveform, 2 * 8000);
    const { startSeconds, embeddings } = await matcher.embedAudio(waveform);
    expect(startSeconds.length).toBe(embeddings.rows);
    for (const start of startSeconds) expect(Math.abs(start - 2)).toBeLessThan(1);
    expect((await matcher.embedAudio(new Float32Array(5 * 8000))).startSeconds).toHaveLength(9);
    counts();
  });

  test('says of noise that it is like no digit, and of digits that they are like those', async () => {
    const share = async (pictures: Uint8Array[]) => {
      const encoded = await matcher.encode('image', pictures);
      const one = (row: number) => ({
        embeddings: { data: encoded.embeddings.data.subarray(64 * row, 64 * row + 64), rows: 1, columns: 64 },
        features: null,
      });
      const strange = pictures.filter((_, row) => (matcher.strangeness('image', one(row)) as number) > 0.99);
      return strange.length / pictures.length;
    };
    let state = 1;
    const noise = () => {
      state = (state * 48271) % 2147483647; // Park and Miller 1988
      return state % 256;
    };
    expect(
      await share(Array.from({ length: 50 }, () => Uint8Array.from({ length: 28 * 28 * 3 }, noise))),
    ).toBeGreaterThan(0.9);
    expect(await share(digits.images.slice(0, 300).map(digitPicture))).toBeLessThan(0.05);
  });
});

test('the published model of real things knows its held-out examples but for one at most, and no plain colours or chequers', async () => {
  const nature = await openBundleFolder('models/nature', { threads: 1 });
  try {
    const { manifest } = nature;
    const own = createMatcher(nature);
    const input = manifest.input.image as NonNullable<typeof manifest.input.image>;
    const { width, height } = input;
    const paint = (colourAt: (x: number, y: number) => number[]) =>
      Uint8Array.from(
        Array.from({ length: height * width }, (_, i) => colourAt(i % width, Math.floor(i / width))).flat(),
      );
    const plain = [
      [200, 30, 30],
      [30, 160, 40],
      [30, 30, 200],
      [250, 220, 50],
    ].map((colour) => paint(() => colour));
    const chequers = [2, 4, 8].map((side) =>
      paint((x, y) => Array<number>(3).fill(255 * ((Math.floor(x / side) + Math.floor(y / side)) % 2))),
    );
    const isStrange = async (image: Uint8Array) =>
      (own.strangeness('image', await own.embedImage(image)) as number) > 0.99;
    const strange = await Promise.all([...plain, ...chequers].map(isStrange));
    expect(strange.filter(Boolean).length).toBeGreaterThanOrEqual(5);
    const strangeExamples: string[] = [];
    for (const { file } of manifest.examples?.pictures ?? []) {
      const picture = await decodePicture(readFileSync(`models/nature/${file}`));
      if (await isStrange(prepareImage(picture, input))) strangeExamples.push(file);
    }
    // One of a hundred photos like those learnt is called strange; of twelve, none or one with a probability of .99.
    expect(strangeExamples.length, strangeExamples.join()).toBeLessThanOrEqual(1);
  } finally {
    await nature.release();
  }
});

test('the highest window counts, less what luck gives the highest of many; a single one as it is', () => {
  expect(overWindows(Float32Array.of(1.5), 0.25)).toBe(1.5);
  expect(overWindows(Float32Array.of(-3, 2, 0.5), 0)).toBe(2);
  expect(overWindows(Float32Array.of(-3, 2, 0.5), 0.25)).toBeCloseTo(2 - 0.25 * Math.log(3), 12);
  expect(sigmoid(0)).toBe(0.5);
  expect(sigmoid(-1000)).toBe(0);
});
