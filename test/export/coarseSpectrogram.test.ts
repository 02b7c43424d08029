import { describe, expect, test } from 'vitest';
import { logSpectrogram } from '#core/logSpectrogram.ts';
import { Random } from '#core/random.ts';
import { frequencyAt, type SpectrogramOptions, spectrogramShape } from '#core/spectrogram.ts';
import { addCoarseSpectrogram, type CoarsePlan, planCoarse } from '../../export/graphs/coarseSpectrogram.ts';
import { GraphBuilder } from '../../export/onnx/graph.ts';
import { runGraph } from './support/runGraph.ts';

const common = { minHz: 40, logOffset: 1e-5 };
const natureOptions: SpectrogramOptions = {
  ...common,
  sampleRate: 44100,
  samples: 88200,
  windowLength: 1764,
  hopLength: 882,
  nFft: 1764,
  nMels: 128,
  maxHz: 20000,
};
const cases: [string, SpectrogramOptions][] = [
  ['as models/nature hears', natureOptions],
  [
    'hops of a quarter of the window, 16 kHz',
    {
      ...common,
      sampleRate: 16000,
      samples: 48000,
      windowLength: 640,
      hopLength: 160,
      nFft: 640,
      nMels: 40,
      maxHz: 8000,
    },
  ],
  [
    'a transform longer than the window, and samples behind the last frame',
    {
      ...common,
      sampleRate: 22050,
      samples: 66159,
      windowLength: 800,
      hopLength: 320,
      nFft: 960,
      nMels: 64,
      maxHz: 11000,
    },
  ],
];

/** Of each row: the coarse spectrogram, `[bands, frames]`. */
async function spectrograms(rows: Float32Array[], options: SpectrogramOptions): Promise<number[][][]> {
  const plan = planCoarse(options) as CoarsePlan;
  const graph = new GraphBuilder({ name: 'spectrogram' });
  const input = graph.input({ name: 'waveform', type: 'float32', shape: ['batch', options.samples] });
  graph.output(addCoarseSpectrogram(graph, input, options, plan), 'result');
  const data = Float32Array.from(rows.flatMap((row) => [...row]));
  const { result } = await runGraph(graph, { waveform: { shape: [rows.length, options.samples], data } });
  const [bands, frames] = spectrogramShape(options);
  expect(result?.shape).toEqual([rows.length, 1, bands, frames]);
  return rows.map((_, row) =>
    Array.from({ length: bands }, (_, band) => {
      const start = (row * bands + band) * frames;
      return [...(result?.data.subarray(start, start + frames) ?? [])];
    }),
  );
}

/** Of each row: the coarse spectrogram less that by the whole basis, `[bands, frames]`. */
async function differences(rows: Float32Array[], options: SpectrogramOptions): Promise<number[][][]> {
  const coarse = await spectrograms(rows, options);
  return coarse.map((bands, row) => {
    const { values } = logSpectrogram(rows[row] as Float32Array, options); // [frames, bands]
    return bands.map((numbers, band) =>
      numbers.map((number, frame) => number - (values[frame * bands.length + band] as number)),
    );
  });
}

const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const rootMeanSquare = (numbers: number[]) => Math.sqrt(mean(numbers.map((number) => number * number)));

describe.each(cases)('a coarse log-mel spectrogram %s', (_, options) => {
  const { narrow, factor } = planCoarse(options) as CoarsePlan;
  const random = new Random(7);
  const noise = () => Float32Array.from({ length: options.samples }, () => 0.1 * random.uniform(-1, 1));

  test('of noise: nearly the exact numbers in narrow bands, the exact mean in wide ones, in every row of a batch', async () => {
    for (const bands of await differences([noise(), noise()], options)) {
      expect(rootMeanSquare(bands.slice(0, narrow).flat())).toBeLessThan(0.03);
      expect(rootMeanSquare(bands.slice(narrow).flat())).toBeLessThan(0.4);
      expect(Math.abs(mean(bands.slice(narrow).flat()))).toBeLessThan(0.1);
      for (const [band, numbers] of bands.entries()) {
        expect(rootMeanSquare(numbers), `band ${band}`).toBeLessThan(band < narrow ? 0.15 : 0.8); // nepers of power
        expect(Math.abs(mean(numbers)), `band ${band}`).toBeLessThan(band < narrow ? 0.05 : 0.25);
      }
    }
  });

  test('a loud tone that a lower rate mirrors into the narrow bands leaves less than a ten-thousandth of its power there', async () => {
    const quiet = { ...options, logOffset: 1e-9 };
    const mirrored = frequencyAt((narrow / 2 + 1) / (options.nMels as number), options);
    const hz = options.sampleRate / factor - mirrored;
    const tone = Float32Array.from({ length: options.samples }, (_, n) =>
      Math.sin((2 * Math.PI * hz * n) / options.sampleRate),
    );
    const [bands] = (await spectrograms([tone], quiet)) as [number[][]];
    const loudest = Math.max(...bands.flat());
    const inNarrow = Math.max(...bands.slice(0, narrow).flat());
    expect(Math.exp(inNarrow - loudest)).toBeLessThan(1e-4);
  });
});

test.each([
  ['linear bands', { nMels: null }],
  ['a hop that no lower rate divides', { hopLength: 881 }],
  ['bands that are all narrow', { maxHz: 2000 }],
])('there is none for %s', (_, change) => {
  expect(planCoarse({ ...natureOptions, ...change })).toBeNull();
});
