import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeModel } from '../../../../export/onnx/decode.ts';
import { GraphDef } from './graphDef.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clapper-graph-model-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function clapper(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, ['bin/clapper.mjs', ...args], { cwd: root }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

async function save(name: string, graph: GraphDef): Promise<string> {
  const json = JSON.stringify(graph.json()).replace('weights.bin', `${name}.bin`);
  await writeFile(join(folder, `${name}.json`), json);
  await writeFile(join(folder, `${name}.bin`), graph.weightData);
  return join(folder, `${name}.json`);
}

/** A mobile network in small: a convolution, one by channel, and classes. */
function mobile(): GraphDef {
  const graph = new GraphDef();
  const x = graph.input('image', [null, 8, 8, 3]);
  const strided = { padding: 'SAME', strides: [1, 2, 2, 1], dilations: [1, 1, 1, 1] };
  const fused = { num_args: 1, fused_ops: ['BiasAdd', 'Relu6'], ...strided };
  const first = graph.op('_FusedConv2D', [x, graph.weights([3, 3, 3, 4]), graph.weights([4])], fused, 'net/first');
  const second = graph.op(
    'FusedDepthwiseConv2dNative',
    [first, graph.weights([3, 3, 4, 1]), graph.weights([4])],
    fused,
    'net/second',
  );
  const pooled = graph.op('Mean', [second, graph.ints([1, 2])], {}, 'net/pool');
  graph.outputs = [graph.op('MatMul', [pooled, graph.weights([4, 5])], {}, 'net/classes')];
  return graph;
}

test('a graph model becomes one file by the same command, and the difference from TensorFlow.js is printed', async () => {
  const out = join(folder, 'mobile.onnx');
  const { code, stdout, stderr } = await clapper(
    'export',
    '--tfjs-model',
    await save('mobile', mobile()),
    '--out',
    out,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('input image float32 [batch, 8, 8, 3]');
  expect(stdout).toContain('output output_0 float32 [batch, 5]');
  expect(stdout).toMatch(
    /TensorFlow\.js 4\.22\.0 on seeded inputs: largest difference \d\.\de[+-]\d+ \(1e-4 allowed\)/,
  );
  const { graph, opsetImport } = decodeModel(await readFile(out), out);
  expect(opsetImport).toEqual([{ domain: '', version: 17 }]);
  expect(graph.node.map(({ name, opType }) => `${opType} ${name}`)).toEqual([
    'Transpose net/first/Transpose',
    'Conv net/first/Conv',
    'Clip net/first',
    'Conv net/second/Conv',
    'Clip net/second',
    'GlobalAveragePool net/pool/GlobalAveragePool',
    'Squeeze net/pool',
    'Gemm net/classes',
  ]);
});

test('--layers-model, the older name of the flag, takes both kinds too', async () => {
  const out = join(folder, 'older.onnx');
  const run = await clapper(
    'export',
    '--layers-model',
    await save('older', mobile()),
    '--out',
    out,
    '--nchw',
    '--json',
  );
  expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(run.stdout)).toMatchObject({
    file: out,
    inputs: [{ name: 'image', type: 'float32', shape: ['batch', 3, 8, 8] }],
    outputs: [{ name: 'output_0', type: 'float32', shape: ['batch', 5] }],
    operators: { Conv: 2, Gemm: 1 },
    tfjs: '4.22.0',
    differences: { output_0: expect.any(Number) },
    unsteadiness: { output_0: expect.any(Number) },
  });
});

test("an operator that is not known is named, and converted by a module of one's own", async () => {
  const graph = new GraphDef();
  const x = graph.input('x', [null, 4]);
  graph.outputs = [graph.op('Squash', [graph.op('Abs', [x]), graph.floats(2)], { power: 3 }, 'net/squash')];
  const model = await save('squash', graph);
  const out = join(folder, 'squash.onnx');
  const unknown = await clapper('export', '--tfjs-model', model, '--out', out);
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toMatch(/Squash: it is not known\n\s+net\/squash\n.*--custom NAME=module\.ts/);
  expect(await readdir(folder)).not.toContain('squash.onnx');
  const converter = join(folder, 'squash.ts');
  await writeFile(
    converter,
    `export default ({ config, inputs: [x, factor], node, constant }: any) =>
      node('Pow', [node('Mul', [x, factor]), constant(Float32Array.of(config.power), [])]);`,
  );
  const made = await clapper('export', '--tfjs-model', model, '--out', out, '--custom', `Squash=${converter}`);
  expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: '' });
  expect(made.stdout).toMatch(/not compared with TensorFlow\.js: .*Squash/);
  const { graph: written } = decodeModel(await readFile(out), out);
  expect(written.node.map(({ name, opType }) => `${opType} ${name}`)).toEqual([
    'Abs part/Abs_1',
    'Mul net/squash/Mul',
    'Pow net/squash',
  ]);
});

test('the second route says that it takes layers models alone', async () => {
  const model = await save('second', mobile());
  const run = await clapper('export', '--tfjs-model', model, '--out', join(folder, 'x.onnx'), '--route', 'tf2onnx');
  expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('it is a graph model. Leave --route out') });
});
