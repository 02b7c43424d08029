import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replayGolden } from '#core/bundle/golden/check.ts';
import { graphFiles } from '#core/bundle/graphs.ts';
import { type BundleManifest, parseManifest } from '#core/bundle/manifest.ts';
import { openBundle } from '#core/bundle/open.ts';
import { readFrom } from '#node/files.ts';
import { readCalibrationSet } from '../../../export/evaluate/learntSet.ts';
import { extendBundle } from '../../../export/export.ts';
import { decodeModel } from '../../../export/onnx/decode.ts';
import type { ModelProto } from '../../../export/onnx/messages.ts';
import { lostShare, outputsOf } from '../../../export/variants/lostShare.ts';
import type { VariantReport } from '../../../export/variants/makeVariants.ts';
import { pythonWith } from '../../support/pythonWith.ts';

const published = fileURLToPath(new URL('../../../models/digits', import.meta.url));
const dataset = fileURLToPath(new URL('../../../datasets/digits', import.meta.url));
const python = await pythonWith(['onnx', 'onnxruntime', 'numpy']);

describe('fp16 and int8 of the digits model', () => {
  let folder: string;
  let bundle: string;
  let manifest: BundleManifest;
  let reports: VariantReport[];
  const model = async (file: string) => decodeModel(await readFile(join(bundle, file)), file);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clapper-variants-'));
    bundle = join(folder, 'digits');
    const variants = {
      variants: ['fp16', 'int8'] as const,
      dataset,
      calibrationSamples: 64,
      progress: { write: () => {} },
    };
    ({ variants: reports } = await extendBundle({ bundle: published, out: bundle, variants }));
    manifest = parseManifest(await readFile(join(bundle, 'manifest.json'), 'utf8'), bundle);
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true }));

  test('int8 loses at most half a point of each accuracy, fp16 a tenth', () => {
    for (const { variant, drops } of reports) {
      expect(Object.keys(drops)).toEqual(['accuracy', 'spoken-digit-accuracy', 'handwritten-digit-accuracy']);
      expect(Math.max(...Object.values(drops)), variant).toBeLessThanOrEqual(variant === 'int8' ? 0.005 : 0.001);
    }
  });

  test.each(['fp16', 'int8'] as const)(
    '%s replays the golden numbers within the tolerance that its manifest says',
    async (variant) => {
      const onnxRuntime = await import('onnxruntime-node');
      const opened = await openBundle({ read: readFrom(bundle), runtime: onnxRuntime, variant });
      expect((await replayGolden(opened)).failed).toEqual([]);
      await opened.release();
    },
  );

  test('accuracy and latency stand in the manifest, of fp32 the latency too', () => {
    for (const variant of ['fp16', 'int8'] as const) {
      expect(manifest.variants[variant]?.metrics).toMatchObject({ pairs: 3000, 'spoken-digit-items': 300 });
      expect(manifest.variants[variant]?.metrics.accuracy).toBeGreaterThan(0.95);
    }
    for (const content of Object.values(manifest.variants)) {
      expect(content?.latency?.map(({ graph, batch }) => `${graph} ${batch}`)).toContain('audio 16');
    }
  });

  test('a variant that was there is timed again beside a new one', async () => {
    const out = join(folder, 'timed');
    await cp(published, out, { recursive: true });
    const before = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
    for (const one of before.variants.int8.latency) one.device = 'another machine';
    await writeFile(join(out, 'manifest.json'), JSON.stringify(before, null, 2));
    const variants = { variants: ['fp16'] as const, dataset, calibrationSamples: 8, progress: { write: () => {} } };
    await extendBundle({ bundle: out, out, variants });
    const after = parseManifest(await readFile(join(out, 'manifest.json'), 'utf8'), out);
    const devices = Object.values(after.variants).flatMap((one) => one?.latency?.map(({ device }) => device));
    expect(new Set(devices).size).toBe(1);
  }, 120_000);

  test('ONNX Runtime computes every convolution but the first over a spectrogram, and every pooling, of int8 in whole numbers', async () => {
    for (const [graph, inFloat] of [
      ['audio', 1],
      ['image', 0],
    ] as const) {
      const optimizedModelFilePath = join(folder, `${graph}.optimized.onnx`);
      const session = await InferenceSession.create(join(bundle, `${graph}.int8.onnx`), {
        optimizedModelFilePath,
        logSeverityLevel: 3,
      });
      await session.release();
      const operators = decodeModel(await readFile(optimizedModelFilePath), graph).graph.node.map(
        ({ opType }) => opType,
      );
      expect(operators.filter((operator) => operator === 'QLinearConv')).toHaveLength(6 - inFloat);
      expect(operators.filter((operator) => operator === 'Conv')).toHaveLength(inFloat);
      expect(operators).not.toContain('Relu');
      expect(operators.filter((operator) => operator === 'DequantizeLinear')).toHaveLength(2); // of both outputs
      expect(operators.filter((operator) => operator === 'QuantizeLinear')).toHaveLength(inFloat);
    }
  });

  test('fp16 keeps the spectrogram, softmax, inputs and outputs in float32', async () => {
    const audio = await model('audio.fp16.onnx');
    const typeOf = typesOf(audio);
    expect(typeOf('audio/window')).toBe('float32');
    expect(typeOf('audio/conv1_1/kernel')).toBe('float16');
    for (const { type } of [...audio.graph.input, ...audio.graph.output]) expect(type.tensorType.elemType).toBe(1);
    const log = audio.graph.node.findIndex(({ opType }) => opType === 'Log');
    expect(audio.graph.node.slice(0, log).map(({ opType }) => opType)).not.toContain('Cast');
    const match = await model('match.fp16.onnx');
    const softmax = match.graph.node.find(({ opType }) => opType === 'Softmax');
    const source = match.graph.node.find(({ output }) => output[0] === softmax?.input[0]);
    expect(source?.opType).toBe('Cast');
  });

  test('fp16 is about half of fp32, int8 less than three tenths', async () => {
    const bytes = async (variant: 'fp32' | 'fp16' | 'int8') => {
      const files = graphFiles(manifest.variants[variant] as NonNullable<(typeof manifest.variants)['int8']>);
      const sizes = await Promise.all(files.map(async ({ file }) => (await stat(join(bundle, file))).size));
      return sizes.reduce((sum, size) => sum + size, 0);
    };
    expect((await bytes('fp16')) / (await bytes('fp32'))).toBeLessThan(0.53);
    expect((await bytes('int8')) / (await bytes('fp32'))).toBeLessThan(0.3);
  });

  test.skipIf('missing' in python)('onnx.checker and strict shape inference accept every file', async () => {
    const script = join(folder, 'check.py');
    await writeFile(
      script,
      'import sys, onnx\nfor file in sys.argv[1:]:\n    model = onnx.load(file)\n    onnx.checker.check_model(model, full_check=True)\n    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)\nprint("ok")\n',
    );
    const files = Object.values(manifest.variants).flatMap((content) => (content ? graphFiles(content) : []));
    const output = await (python as (...args: string[]) => Promise<string>)(
      script,
      ...files.map(({ file }) => join(bundle, file)),
    );
    expect(output.trim()).toBe('ok');
  });

  test.skipIf('missing' in python)(
    "int8 loses less than what Python's onnxruntime.quantization makes of the same graph and samples",
    async () => {
      const samples = await readCalibrationSet(dataset, manifest, 64);
      const others = await readCalibrationSet(dataset, manifest, 77);
      for (const [graph, seen, unseen] of [
        ['audio', samples.sounds, others.sounds],
        ['image', samples.pictures, others.pictures],
      ] as const) {
        const [raw, theirs] = [join(folder, `${graph}.raw`), join(folder, `${graph}.python.onnx`)];
        await writeFile(
          raw,
          Buffer.concat(seen.map((row) => new Uint8Array(row.buffer, row.byteOffset, row.byteLength))),
        );
        const script = fileURLToPath(new URL('./support/quantize.py', import.meta.url));
        await (python as (...args: string[]) => Promise<string>)(script, join(bundle, `${graph}.onnx`), raw, theirs);
        const wanted = await outputsOf(await model(`${graph}.onnx`), unseen);
        const lost = async (one: ModelProto) => lostShare(await outputsOf(one, unseen), wanted);
        const ofPython = await lost(decodeModel(await readFile(theirs), theirs));
        expect(ofPython).toBeLessThan(0.1); // it is a fair one
        expect(await lost(await model(`${graph}.int8.onnx`)), graph).toBeLessThan(ofPython);
      }
    },
    120_000,
  );

  test('the card says what each variant costs', async () => {
    const card = await readFile(join(bundle, 'MODEL_CARD.md'), 'utf8');
    expect(card).toMatch(/\| `int8` \|.*\| [01]\.\d{4} \|/);
    expect(card).toContain('## Voices never heard in training'); // what was handed in is kept
  });
});

function typesOf({ graph }: ModelProto): (name: string) => string | undefined {
  const names: Record<number, string> = { 1: 'float32', 10: 'float16' };
  return (name) => names[graph.initializer.find((tensor) => tensor.name === name)?.dataType ?? 0];
}
