import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { logSpectrogram } from '#core/logSpectrogram.ts';
import { Random } from '#core/random.ts';
import { type SpectrogramOptions, spectrogramShape } from '#core/spectrogram.ts';
import { addLogSpectrogram } from '../../export/graphs/logSpectrogram.ts';
import { decodeModel } from '../../export/onnx/decode.ts';
import { GraphBuilder } from '../../export/onnx/graph.ts';
import { modelBytes } from '../../export/onnx/model.ts';
import { runGraph } from './support/runGraph.ts';

const common = { sampleRate: 8000, samples: 1000, minHz: 50, maxHz: 3900, logOffset: 1e-5 };
const cases: [string, SpectrogramOptions][] = [
  ['a window shorter than the transform', { ...common, windowLength: 200, hopLength: 100, nFft: 256, nMels: 20 }],
  ['hops that do not divide the window', { ...common, windowLength: 251, hopLength: 73, nFft: 256, nMels: null }],
  ['hops longer than the window', { ...common, windowLength: 60, hopLength: 140, nFft: 64, nMels: 8 }],
  ['hops of one sample', { ...common, samples: 60, windowLength: 30, hopLength: 1, nFft: 30, nMels: null }],
  ['a transform of twice a prime', { ...common, windowLength: 200, hopLength: 80, nFft: 2 * 101, nMels: null }],
  ['one frame', { ...common, samples: 256, windowLength: 256, hopLength: 160, nFft: 256, nMels: 40 }],
  ['as strong hears', { ...common, samples: 8000, windowLength: 1920, hopLength: 960, nFft: 1920, nMels: 128 }],
];

test.each(cases)(
  '%s: the transform in two stages gives what the whole basis gives, for every row of a batch',
  async (_, options) => {
    const random = new Random(5);
    const rows = [0, 1].map(() => Float32Array.from({ length: options.samples }, () => random.uniform(-1, 1)));
    const graph = new GraphBuilder({ name: 'spectrogram', doc: '' });
    const input = graph.input({ name: 'waveform', type: 'float32', shape: ['batch', options.samples] }, '');
    graph.output(addLogSpectrogram(graph, input, options), 'result', '');
    const data = Float32Array.from(rows.flatMap((row) => [...row]));
    const { result } = await runGraph(graph, { waveform: { shape: [2, options.samples], data } });
    const [bands, frames] = spectrogramShape(options);
    expect(result?.shape).toEqual([2, 1, bands, frames]);
    const power = Array.from(result?.data ?? [], Math.exp);
    for (const [row, waveform] of rows.entries()) {
      const { values } = logSpectrogram(waveform, options); // [frames, bands], by the whole basis
      const expected = Array.from(values, Math.exp);
      const largest = Math.max(...expected);
      for (let frame = 0; frame < frames; frame++) {
        for (let band = 0; band < bands; band++) {
          const actual = power[(row * bands + band) * frames + frame] as number;
          const difference = Math.abs(actual - (expected[frame * bands + band] as number));
          expect(difference, `frame ${frame}, band ${band}`).toBeLessThan(2e-6 * largest);
        }
      }
    }
  },
);

test('ONNX Runtime moves no numbers between the stages, and multiplies each group of mel bands with its own part of the spectrum', async () => {
  const [, options] = cases.at(-1) as [string, SpectrogramOptions];
  const graph = new GraphBuilder({ name: 'spectrogram', doc: '' });
  const input = graph.input({ name: 'waveform', type: 'float32', shape: ['batch', 48_000] }, '');
  graph.output(addLogSpectrogram(graph, input, { ...options, samples: 48_000 }), 'result', '');
  const folder = await mkdtemp(join(tmpdir(), 'clapper-spectrogram-'));
  try {
    const optimizedModelFilePath = join(folder, 'optimized.onnx');
    const bytes = modelBytes(graph, { doc: '', producerVersion: '0', metadata: {} });
    await (await InferenceSession.create(bytes, { optimizedModelFilePath, logSeverityLevel: 3 })).release();
    const { node } = decodeModel(await readFile(optimizedModelFilePath), 'optimized.onnx').graph;
    const count = (name: string) => node.filter(({ opType }) => opType === name).length;
    expect(count('FusedMatMul')).toBe(2);
    expect(count('Transpose')).toBe(2); // of the hops, of the result
    expect(count('MatMul')).toBeGreaterThan(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});
