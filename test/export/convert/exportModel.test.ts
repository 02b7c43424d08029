import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeModel } from '../../../export/onnx/decode.ts';
import { randomizeWeights, savedFiles, tf } from './support/tfjs.ts';

const { layers } = tf;
const root = fileURLToPath(new URL('../../..', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clapper-layers-model-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function clapper(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, ['bin/clapper.mjs', ...args], { cwd: root }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

async function save(name: string, model: tf.LayersModel, edit = (json: string) => json): Promise<string> {
  const file = join(folder, `${name}.json`);
  const files = await savedFiles(randomizeWeights(model, 5));
  await writeFile(file, edit(new TextDecoder().decode(files.get('model.json'))).replace('weights.bin', `${name}.bin`));
  await writeFile(join(folder, `${name}.bin`), files.get('weights.bin') as Uint8Array);
  return file;
}

function pictureModel(): tf.LayersModel {
  const x = tf.input({ shape: [8, 7, 3], name: 'picture' });
  const y = layers.conv2d({ filters: 4, kernelSize: 3, name: 'first' }).apply(x);
  const z = layers.batchNormalization({ name: 'norm' }).apply(y);
  return tf.model({
    inputs: x,
    outputs: layers.dense({ units: 2, name: 'scores' }).apply(layers.flatten().apply(z)) as tf.SymbolicTensor,
  });
}

test('a model of any kind becomes one file, and the difference from TensorFlow.js is printed', async () => {
  const out = join(folder, 'picture.onnx');
  const { code, stdout, stderr } = await clapper(
    'export',
    '--tfjs-model',
    await save('picture', pictureModel()),
    '--out',
    out,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('input picture float32 [batch, 8, 7, 3]');
  expect(stdout).toContain('output scores float32 [batch, 2]');
  expect(stdout).toMatch(/TensorFlow\.js 4\.22\.0 on seeded inputs: largest difference \d\.\de-\d+ \(1e-4 allowed\)/);
  const model = decodeModel(await readFile(out), out);
  expect(model.irVersion).toBeLessThanOrEqual(9);
  expect(model.opsetImport).toEqual([{ domain: '', version: 17 }]);
  expect(model.graph.node.map(({ name, opType }) => `${opType} ${name}`)).toEqual([
    'Transpose first/Transpose',
    'Conv first', // with the batch normalisation in it
    expect.stringMatching(/^Flatten flatten/),
    'Gemm scores',
  ]);
});

test('regularizers by names that TensorFlow.js does not know keep nobody from comparing', async () => {
  const model = tf.sequential({ layers: [layers.dense({ units: 3, inputShape: [4], name: 'scores' })] });
  const withNames = (text: string) => {
    const json = JSON.parse(text);
    Object.assign(json.modelTopology.config.layers[0].config, {
      kernel_regularizer: { class_name: 'L2', config: { l2: 0.01 } },
      activity_regularizer: { class_name: 'L2', config: { l2: 0.01 } },
      kernel_constraint: { class_name: 'Custom>Orthogonal', config: {} },
    });
    return JSON.stringify(json);
  };
  const file = await save('regularised', model, withNames);
  const { code, stdout } = await clapper('export', '--tfjs-model', file, '--out', join(folder, 'regularised.onnx'));
  expect(code).toBe(0);
  expect(stdout).toMatch(/TensorFlow\.js 4\.22\.0 on seeded inputs: largest difference \d\.\de-\d+ \(1e-4 allowed\)/);
});

test('--json says what the file takes, gives, holds, and how far it is from TensorFlow.js', async () => {
  const out = join(folder, 'channels.onnx');
  const { code, stdout, stderr } = await clapper(
    'export',
    '--tfjs-model',
    await save('channels', pictureModel()),
    '--out',
    out,
    '--nchw',
    '--json',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    file: out,
    inputs: [{ name: 'picture', type: 'float32', shape: ['batch', 3, 8, 7] }],
    outputs: [{ name: 'scores', type: 'float32', shape: ['batch', 2] }],
    nodes: 3,
    operators: { Conv: 1, Flatten: 1, Gemm: 1 },
    tfjs: '4.22.0',
    differences: { scores: expect.any(Number) },
    warnings: [],
  });
});

test('where TensorFlow.js gives other numbers, nothing is written unless that is asked for', async () => {
  // tfjs' CPU backend normalises wrong over any axis but the last
  const x = tf.input({ shape: [3, 4, 5] });
  const model = await save(
    'axis',
    tf.model({ inputs: x, outputs: layers.batchNormalization({ axis: 1 }).apply(x) as tf.SymbolicTensor }),
  );
  const out = join(folder, 'axis.onnx');
  const refused = await clapper('export', '--tfjs-model', model, '--out', out);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /to 0\.0001, but outputs differ: .*--allow-difference.*tfjs' CPU backend does it wrong/,
  );
  expect(await readdir(folder)).not.toContain('axis.onnx');
  const allowed = await clapper('export', '--tfjs-model', model, '--out', out, '--allow-difference');
  expect(allowed.code).toBe(0);
  expect(await readdir(folder)).toContain('axis.onnx');
});

test("a layer that is not known is converted by a module of one's own", async () => {
  class Scaled extends tf.layers.Layer {
    static className = 'Scaled';
    override build(shape: tf.Shape): void {
      this.addWeight('factor', [shape.at(-1) as number], 'float32', tf.initializers.ones());
      this.built = true;
    }
    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
      return tf.mul([inputs].flat()[0] as tf.Tensor, this.weights[0]?.read() as tf.Tensor);
    }
    override getConfig() {
      return { ...super.getConfig(), power: 2 };
    }
  }
  const x = tf.input({ shape: [4] });
  const model = await save(
    'custom',
    tf.model({ inputs: x, outputs: new Scaled({ name: 'scaled' }).apply(x) as tf.SymbolicTensor }),
  );
  const converter = join(folder, 'scaled.ts');
  await writeFile(
    converter,
    `export default ({ config, inputs: [x], weights, node, constant }: any) => {
      const scaled = node('Mul', [x, constant(weights.factor.data, weights.factor.shape)]);
      return node('Pow', [scaled, constant(Float32Array.of(config.power), [])]);
    };`,
  );
  const out = join(folder, 'custom.onnx');
  const unknown = await clapper('export', '--tfjs-model', model, '--out', out);
  expect(unknown.stderr).toMatch(/"scaled": its class Scaled is not known[\s\S]*--custom NAME=module\.ts/);
  const { code, stdout, stderr } = await clapper(
    'export',
    '--tfjs-model',
    model,
    '--out',
    out,
    '--custom',
    `Scaled=${converter}`,
  );
  expect(stderr).toBe('');
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/not compared with TensorFlow\.js: Unknown layer: Scaled/),
  });
  const { graph } = decodeModel(await readFile(out), out);
  expect(graph.node.map(({ name, opType }) => `${opType} ${name}`)).toEqual(['Mul scaled/Mul', 'Pow scaled']);
});

test.each([
  [['export', '--out', 'x'], 2, "expected '--checkpoint <path>', '--tfjs-model <address>'"],
  [['export', '--out', 'x', '--tfjs-model', 'a', '--checkpoint', 'b'], 2, 'cannot be used with'],
  [
    ['export', '--out', 'x', '--tfjs-model', 'nowhere/model.json'],
    1,
    'Expected the file nowhere/model.json but it does not exist',
  ],
])('clapper %j exits with %i and says why', async (args, code, message) => {
  expect(await clapper(...args)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
});
