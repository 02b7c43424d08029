import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goldenImage, goldenWaveform } from '#core/bundle/golden/inputs.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { writeRepository } from '../../export/triton/writeRepository.ts';
import { pythonWith } from '../support/pythonWith.ts';

const bundle = fileURLToPath(new URL('../../models/digits', import.meta.url));
const options = { bundle, variant: 'fp32', maxBatchSize: 16, queueMicroseconds: 2000 } as const;

/** Of a configuration, what `google.protobuf.json_format` makes of it: 64-bit numbers are strings. */
interface Config {
  name: string;
  max_batch_size: number;
  input: TensorConfig[];
  output: TensorConfig[];
  ensemble_scheduling?: { step: Step[] };
  dynamic_batching?: object;
  model_warmup?: { batch_size: number; inputs: Record<string, { dims: string[]; random_data: boolean }> }[];
  version_policy: { specific: { versions: string[] } };
}
interface TensorConfig {
  name: string;
  data_type: string;
  dims: string[];
  reshape?: object;
  label_filename?: string;
}
interface Step {
  model_name: string;
  input_map: Record<string, string>;
  output_map: Record<string, string>;
}

const parse = `
import json, pathlib, sys
from google.protobuf import json_format, text_format
from tritonclient.grpc import model_config_pb2
configs = {}
for file in pathlib.Path(sys.argv[1]).glob("*/config.pbtxt"):
    config = text_format.Parse(file.read_text(), model_config_pb2.ModelConfig())
    configs[file.parent.name] = json_format.MessageToDict(config, preserving_proto_field_name=True)
print(json.dumps(configs))
`;

const python = await pythonWith(['tritonclient[grpc]']);

describe.skipIf('missing' in python)("a Triton repository, read by Triton's own protobuf", () => {
  let repository: string;
  let configs: Record<string, Config>;
  beforeAll(async () => {
    repository = await mkdtemp(join(tmpdir(), 'clapper-triton-'));
    await writeRepository({ ...options, out: repository });
    const script = join(repository, 'parse.py');
    await writeFile(script, parse);
    configs = JSON.parse(await (python as (...args: string[]) => Promise<string>)(script, repository));
  }, 120_000);
  afterAll(() => rm(repository, { recursive: true }));

  test('holds each graph and the ensemble, by the names of their folders, version 1', async () => {
    const names = [
      'digits_audio',
      'digits_classify_handwritten_digit',
      'digits_classify_spoken_digit',
      'digits_correspondence',
    ];
    expect(Object.keys(configs).sort()).toEqual([...names, 'digits_image', 'digits_match']);
    for (const [name, config] of Object.entries(configs)) {
      expect(config.name).toBe(name);
      expect(config.version_policy.specific.versions).toEqual(['1']);
      expect(await readdir(join(repository, name))).toContain('1');
    }
  });

  test('says of every input and output what ONNX Runtime says of the file, without the batch', async () => {
    for (const [name, config] of Object.entries(configs)) {
      if (config.ensemble_scheduling) continue;
      const session = await InferenceSession.create(join(repository, name, '1', 'model.onnx'));
      for (const [declared, actual] of [
        [config.input, session.inputMetadata],
        [config.output, session.outputMetadata],
      ] as const) {
        const said = declared.map((tensor) => [
          tensor.name,
          tensor.data_type,
          ...(tensor.reshape ? [] : tensor.dims.map(Number)),
        ]);
        const types: Record<string, string> = { float32: 'TYPE_FP32', uint8: 'TYPE_UINT8' };
        const known = actual.map((value) =>
          value.isTensor ? [value.name, types[value.type], ...value.shape.slice(1)] : [],
        );
        expect(said, name).toEqual(known);
      }
      await session.release();
      expect(config.dynamic_batching, name).toBeDefined();
      expect(
        config.model_warmup?.map((warmup) => warmup.batch_size),
        name,
      ).toEqual([1, 16]);
    }
  });

  test('names the classes in labels.txt, in the order of the probabilities', async () => {
    const config = configs.digits_classify_spoken_digit;
    const file = config?.output.find(({ name }) => name === 'probabilities')?.label_filename as string;
    const labels = await readFile(join(repository, 'digits_classify_spoken_digit', file), 'utf8');
    expect(labels.trim().split('\n')).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  test('the ensemble, followed step by step in ONNX Runtime, gives what the bundle gives', async () => {
    const waveform = goldenWaveform(3, 8000);
    const image = goldenImage(3, { width: 28, height: 28 });
    const values = new Map<string, Tensor>([
      ['waveform', new Tensor('float32', waveform, [1, 8000])],
      ['image', new Tensor('uint8', image, [1, 28, 28, 3])],
    ]);
    for (const { model_name, input_map, output_map } of configs.digits_correspondence?.ensemble_scheduling?.step ??
      []) {
      const session = await InferenceSession.create(join(repository, model_name, '1', 'model.onnx'));
      const given = await session.run(
        Object.fromEntries(Object.entries(input_map).map(([input, value]) => [input, values.get(value) as Tensor])),
      );
      for (const [output, value] of Object.entries(output_map)) values.set(value, given[output] as Tensor);
      await session.release();
    }
    const opened = await openBundleFolder(bundle);
    const { audio_embedding } = await opened.run('audio', { waveform }, ['audio_embedding']);
    const { image_embedding } = await opened.run('image', { image }, ['image_embedding']);
    const { probability } = await opened.run('match', { audio_embedding, image_embedding }, ['probability']);
    await opened.release();
    expect(values.get('probability')?.data[0]).toBeCloseTo(probability[0] as number, 6);
  });

  test('is not written from a bundle with a file that was changed', async () => {
    const spoilt = await mkdtemp(join(tmpdir(), 'clapper-triton-'));
    await cp(bundle, spoilt, { recursive: true });
    await truncate(join(spoilt, 'match.onnx'), 1000);
    const out = join(spoilt, 'repository');
    await expect(writeRepository({ ...options, bundle: spoilt, out })).rejects.toThrow(/match\.onnx .*cut short/);
    expect(await readdir(spoilt)).not.toContain('repository');
    await rm(spoilt, { recursive: true });
  });

  test('is not written where two classifiers would have one name, and one of them be lost', async () => {
    const spoilt = await mkdtemp(join(tmpdir(), 'clapper-triton-'));
    await cp(bundle, spoilt, { recursive: true });
    const manifest = await readFile(join(spoilt, 'manifest.json'), 'utf8');
    const renamed = { 'spoken-digit': 'a-b', 'handwritten-digit': 'a_b' };
    const text = Object.entries(renamed).reduce(
      (all, [from, to]) => all.replaceAll(`"${from}"`, `"${to}"`).replaceAll(`"classify-${from}"`, `"classify-${to}"`),
      manifest,
    );
    await writeFile(join(spoilt, 'manifest.json'), text);
    const out = join(spoilt, 'repository');
    await expect(writeRepository({ ...options, bundle: spoilt, out })).rejects.toThrow('would be digits_classify_a_b');
    expect(await readdir(spoilt)).not.toContain('repository');
    await rm(spoilt, { recursive: true });
  });

  test("leaves others' models, and folders that are none of Triton's", async () => {
    const other = await mkdtemp(join(tmpdir(), 'clapper-triton-'));
    await writeFile(join(other, 'notes.txt'), 'mine');
    await writeRepository({ ...options, out: other });
    const killed = `digits_audio.unfinished-${hostname()}-${spawnSync('true').pid}`;
    await mkdir(join(other, killed));
    await writeRepository({ ...options, out: other });
    expect(await readdir(other)).not.toContain(killed);
    expect(await readFile(join(other, 'notes.txt'), 'utf8')).toBe('mine');
    await rm(join(other, 'digits_audio', 'config.pbtxt'));
    await expect(writeRepository({ ...options, out: other })).rejects.toThrow(/digits_audio but it holds 1/);
    await rm(other, { recursive: true });
  });
});
