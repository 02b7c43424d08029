import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goldenSchema } from '#core/bundle/golden/file.ts';
import { goldenImage, goldenWaveform } from '#core/bundle/golden/inputs.ts';
import { manifestSchema } from '#core/bundle/manifest.ts';
import { exportBundle } from '../../export/export.ts';
import { type Python, pythonWith } from '../support/pythonWith.ts';
import { randomNetwork, smallConfig, writeCheckpoint } from './support/checkpoint.ts';
import { largestDifference } from './support/runGraph.ts';

/** What `support/checkBundle.py` prints. */
interface Report {
  graphs: Record<
    string,
    {
      irVersion: number;
      opset: number;
      producer: string;
      metadata: Record<string, string>;
      operators: string[];
      nodes: string[];
      valuesWithoutShape: string[];
    }
  >;
  outputs: { audio_embedding: number[][]; image_embedding: number[][]; probability: number[] };
}

const python = await pythonWith(['onnx', 'onnxruntime', 'numpy']); // some 20 s the first time
const reason = 'missing' in python ? ` (skipped: ${python.missing})` : '';

describe.skipIf(reason)(`in Python${reason}`, () => {
  const config = smallConfig;
  let folder: string;
  let bundle: string;
  let report: Report;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clapper-python-'));
    bundle = join(folder, 'digits');
    const run = await writeCheckpoint(randomNetwork(config));
    await exportBundle({ checkpoint: run, out: bundle, version: '3' });
    await rm(run, { recursive: true });
    const { seeds } = goldenSchema.parse(JSON.parse(await readFile(join(bundle, 'golden.json'), 'utf8')));
    const waveforms = seeds.map((seed) => Buffer.from(goldenWaveform(seed, config.spectrogram.samples).buffer));
    await writeFile(join(folder, 'waveform.bin'), Buffer.concat(waveforms));
    await writeFile(join(folder, 'image.bin'), Buffer.concat(seeds.map((seed) => goldenImage(seed, config.image))));
    const script = fileURLToPath(new URL('./support/checkBundle.py', import.meta.url));
    report = JSON.parse(await (python as Python)(script, bundle, folder)); // throws what onnx.checker finds
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true }));

  test('onnx.checker and strict shape inference accept every graph', () => {
    expect(Object.keys(report.graphs)).toHaveLength(5);
  });

  test("Python's ONNX Runtime gives the golden numbers", async () => {
    const golden = goldenSchema.parse(JSON.parse(await readFile(join(bundle, 'golden.json'), 'utf8')));
    const { audio_embedding, image_embedding } = report.outputs;
    const { audio, image } = golden.encoders;
    expect(largestDifference(audio_embedding.flat(), audio?.embeddings.flat() ?? [])).toBeLessThan(1e-4);
    expect(largestDifference(image_embedding.flat(), image?.embeddings.flat() ?? [])).toBeLessThan(1e-4);
  });

  test('Triton and older runtimes load them: opset 17, IR 9 at most', () => {
    for (const [file, { irVersion, opset }] of Object.entries(report.graphs)) {
      expect(opset, file).toBe(17);
      expect(irVersion, file).toBeLessThanOrEqual(9);
    }
  });

  test('every graph says what it is', async () => {
    const { training } = manifestSchema.parse(JSON.parse(await readFile(join(bundle, 'manifest.json'), 'utf8')));
    const metadata = { name: 'digits', version: '3', licence: 'CC-BY-SA-4.0', config_sha256: training.configSha256 };
    for (const [file, graph] of Object.entries(report.graphs)) {
      expect({ file, producer: graph.producer, metadata: graph.metadata }).toEqual({
        file,
        producer: 'clapper',
        metadata,
      });
    }
  });

  test('batch normalisation is folded, and pixels change their order once on the way in and once on the way out', () => {
    const audio = report.graphs['audio.onnx']?.operators ?? [];
    const image = report.graphs['image.onnx']?.operators ?? [];
    expect(audio.filter((operator) => operator === 'Conv')).toHaveLength(6);
    expect(image.filter((operator) => operator === 'Conv')).toHaveLength(6);
    expect([...audio, ...image]).not.toContain('BatchNormalization');
    expect(audio.filter((operator) => operator === 'Transpose')).toHaveLength(4 + 1); // the spectrogram's four
    expect(image.filter((operator) => operator === 'Transpose')).toHaveLength(2);
  });

  test('Netron shows the names of the layers, and the shape of every value', () => {
    expect(report.graphs['audio.onnx']?.nodes).toEqual(
      expect.arrayContaining(['audio/dft_1', 'audio/mel', 'audio/conv1_1', 'audio/relu3_2', 'audio/embedding']),
    );
    for (const [file, { valuesWithoutShape }] of Object.entries(report.graphs)) {
      expect(valuesWithoutShape, file).toEqual([]);
    }
  });
});
