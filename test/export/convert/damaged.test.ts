import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { exportModel } from '../../../export/exportModel.ts';
import { randomizeWeights, savedFiles, tf } from './support/tfjs.ts';

const { layers } = tf;
let folder: string;
let model: string;
let good: Map<string, Uint8Array>;
beforeAll(async () => {
  const x = tf.input({ shape: [6, 5, 3], name: 'picture' });
  const y = layers.conv2d({ filters: 4, kernelSize: 3, name: 'conv' }).apply(x) as tf.SymbolicTensor;
  const z = layers
    .dense({ units: 2, name: 'dense' })
    .apply(layers.flatten({ name: 'flat' }).apply(y)) as tf.SymbolicTensor;
  good = await savedFiles(randomizeWeights(tf.model({ inputs: x, outputs: z }), 1));
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clapper-damaged-'));
  model = join(folder, 'model.json');
  for (const [file, bytes] of good) await writeFile(join(folder, file), bytes);
  return () => rm(folder, { recursive: true });
});

// biome-ignore lint/suspicious/noExplicitAny: JSON that a test damages
type Json = any;
async function change(edit: (json: Json) => unknown): Promise<void> {
  const json = JSON.parse(await readFile(model, 'utf8'));
  await writeFile(model, JSON.stringify(edit(json) ?? json));
}
const run = (address = model) => exportModel({ model: address, out: join(folder, 'out/model.onnx'), compare: false });
async function expectRefusal(message: RegExp): Promise<void> {
  await expect(run()).rejects.toThrow(message);
  const left = await readdir(join(folder, 'out')).catch(() => []);
  expect(left).toEqual([]); // nothing, and nothing half-written
}

describe('a damaged model is refused by name, and nothing is written', () => {
  test('a weight that is missing', async () => {
    await change((json) => {
      const [group] = json.weightsManifest;
      const kept = group.weights.filter(({ name }: Json) => name !== 'dense/bias');
      group.weights = kept;
    });
    const bytes = await readFile(join(folder, 'weights.bin'));
    await writeFile(join(folder, 'weights.bin'), bytes.subarray(0, bytes.length - 8));
    await expectRefusal(/weight "dense\/bias" \(Dense\).*missing/);
  });

  test('a file cut short', async () => {
    await writeFile(join(folder, 'weights.bin'), (await readFile(join(folder, 'weights.bin'))).subarray(0, 100));
    await expectRefusal(/Expected \d+ bytes of weights in weights\.bin .* received 100/);
  });

  test('a file that is not there', async () => {
    await rm(join(folder, 'weights.bin'));
    await expectRefusal(/weights\.bin but it does not exist/);
  });

  test.each([
    ['a stride of 0', 'conv', { config: { strides: [0, 1] } }, /"conv": Conv2D: .*strides\[0\]/],
    [
      'a reshape to another number',
      'flat',
      { class_name: 'Reshape', config: { target_shape: [7, 7] } },
      /"flat": .*48 numbers.*\[7, 7\]/,
    ],
    [
      'an axis that there is not',
      'flat',
      { class_name: 'Softmax', config: { axis: 9 } },
      /"flat": Softmax: .*4 axes.*9/,
    ],
    [
      'an activation of no known name',
      'conv',
      { config: { activation: 'rellu' } },
      /"conv": Conv2D: .*relu.*received "rellu"/,
    ],
  ])('%s', async (_, name, { config, ...others }: { config: Json; class_name?: string }, message) => {
    await change((json) => {
      const all: Json[] = json.modelTopology.config.layers;
      const layer = all.find((one) => one.config.name === name);
      Object.assign(layer, others);
      Object.assign(layer.config, config);
    });
    await expectRefusal(message);
  });

  test('a weight of another shape', async () => {
    await change((json) => {
      json.weightsManifest[0].weights[0].shape = [3, 3, 4, 3];
    });
    await expectRefusal(/weight "conv\/kernel" \(Conv2D\) \[3, 3, 3, 4\] but it is \[3, 3, 4, 3\]/);
  });

  test('two weights of one name, as nested models may have them, of other numbers', async () => {
    await change((json) => {
      const [group] = json.weightsManifest;
      const bias = group.weights.find(({ name }: Json) => name === 'dense/bias');
      json.weightsManifest.push({ paths: ['other.bin'], weights: [bias] });
    });
    await writeFile(join(folder, 'other.bin'), new Uint8Array(Float32Array.of(7, 8).buffer));
    await expectRefusal(/two are called "dense\/bias".*Rename these layers/);
  });

  test('NaN among the weights', async () => {
    const bytes = await readFile(join(folder, 'weights.bin'));
    bytes.writeFloatLE(Number.NaN, 4 * 5);
    await writeFile(join(folder, 'weights.bin'), bytes);
    await expectRefusal(/weight "conv\/kernel".* number 5 of it is NaN/);
  });

  test.each(['../weights.bin', '/etc/passwd', 'sub/../../weights.bin'])(
    'weights outside the folder: %s',
    async (path) => {
      await change((json) => {
        json.weightsManifest[0].paths = [path];
      });
      await expectRefusal(/expected the path of a file inside this folder[\s\S]*weightsManifest\[0\]\.paths\[0\]/);
    },
  );

  test('layers that wait for one another', async () => {
    await change((json) => {
      json.modelTopology.config.layers.find(({ name }: Json) => name === 'conv').inbound_nodes = [[['flat', 0, 0, {}]]];
    });
    await expectRefusal(/without cycles but its layers wait for one another: .*conv/);
  });

  test('a layer that is not there', async () => {
    await change((json) => {
      json.modelTopology.config.layers = json.modelTopology.config.layers.filter(({ name }: Json) => name !== 'flat');
    });
    await expectRefusal(/Layer "dense" takes the result of "flat" but .* has no such layer/);
  });

  test('10,000 models in one another', async () => {
    const depth = 10_000;
    const open = '{"class_name":"Sequential","config":{"layers":['.repeat(depth);
    await writeFile(model, `{"modelTopology":${open}${']}}'.repeat(depth)},"weightsManifest":[]}`);
    await expectRefusal(/nested at most 64 deep/);
  });

  test('10,000 layers around one another', async () => {
    const depth = 10_000;
    const open = '{"class_name":"TimeDistributed","config":{"layer":'.repeat(depth);
    const layer = `${open}{"class_name":"Dense","config":{}}${'}}'.repeat(depth)}`;
    await writeFile(
      model,
      `{"modelTopology":{"class_name":"Sequential","config":{"layers":[${layer}]}},"weightsManifest":[]}`,
    );
    await expectRefusal(/nested at most 64 deep/);
  });

  test('models that call one another again and again, without waiting for ever', async () => {
    let inner: Json = {
      class_name: 'Sequential',
      name: 'm0',
      config: { name: 'm0', layers: [input(), { class_name: 'Dense', config: { name: 'd', units: 2 } }] },
    };
    for (let i = 1; i <= 40; i++) {
      inner.inbound_nodes = [[['x', 0, 0, {}]], [[`m${i - 1}`, 1, 0, {}]]];
      inner = functional(`m${i}`, inner, `m${i - 1}`);
    }
    await writeFile(model, JSON.stringify({ modelTopology: inner, weightsManifest: [] }));
    await expectRefusal(/at most 100000 layers/);
  });

  test('what is no JSON, no model, a graph of nothing', async () => {
    await writeFile(model, '{"modelTopology"');
    await expectRefusal(/Expected JSON in .*model\.json/);
    await writeFile(model, '{"weightsManifest": []}');
    await expectRefusal(/model\.json is not as expected[\s\S]*the JSON that TensorFlow\.js loads[\s\S]*modelTopology/);
    await writeFile(model, '{"format": "graph-model", "modelTopology": {"node": []}, "weightsManifest": []}');
    await expectRefusal(/Expected nodes that give something in .*model\.json/);
  });

  test('a file of Keras, and an archive', async () => {
    await writeFile(model, Buffer.from('\x89HDF\r\n\x1a\n...', 'latin1'));
    await expectRefusal(/model\.json but it is a Keras model as HDF5\. `tensorflowjs_converter --input_format=keras /);
    await writeFile(model, Buffer.from('PK\x03\x04...', 'latin1'));
    await expectRefusal(/model\.json but it is a zip archive\. Unpack it and give the model\.json in it/);
  });

  test('every layer that cannot be converted, and why', async () => {
    await change((json) => {
      const [, conv, flat] = json.modelTopology.config.layers;
      conv.config.padding = 'around';
      flat.class_name = 'Squash';
    });
    await expectRefusal(
      /2 cannot:[\s\S]*"conv": Conv2D: .*padding[\s\S]*"flat": its class Squash is not known[\s\S]*--custom/,
    );
  });

  test('an operation of TensorFlow in the place of a layer', async () => {
    await change((json) => {
      Object.assign(json.modelTopology.config.layers[2], {
        class_name: 'TFOpLambda',
        config: { name: 'flat', function: 'math.truediv' },
        inbound_nodes: [['conv', 0, 0, { y: 127.5, name: null }]],
      });
    });
    await expectRefusal(/"flat": its class TFOpLambda holds an operation of TensorFlow \(math\.truediv\) and no layer/);
  });

  test('a place that cannot be written to', async () => {
    await writeFile(join(folder, 'out'), 'a file');
    await expect(run()).rejects.toThrow(/Expected to write .*model\.onnx but/);
    expect((await readdir(folder)).sort()).toEqual(['model.json', 'out', 'weights.bin']);
  });
});

function input(): Json {
  return {
    class_name: 'InputLayer',
    config: { name: 'x', batch_input_shape: [null, 2] },
    name: 'x',
    inbound_nodes: [],
  };
}

function functional(name: string, inner: Json, innerName: string): Json {
  return {
    class_name: 'Functional',
    name,
    config: { name, layers: [input(), inner], input_layers: [['x', 0, 0]], output_layers: [[innerName, 2, 0]] },
  };
}

test('10,000 layers after one another take no longer than they must', async () => {
  const dropout = (i: number) => ({
    class_name: 'Activation',
    config: { name: `a${i}`, activation: 'relu', ...(i === 0 && { batch_input_shape: [null, 2] }) },
  });
  const config = { layers: Array.from({ length: 10_000 }, (_, i) => dropout(i)) };
  await writeFile(model, JSON.stringify({ modelTopology: { class_name: 'Sequential', config }, weightsManifest: [] }));
  const before = process.cpuUsage();
  expect((await run()).nodes).toBe(10_000);
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(20); // seconds of the processor, ONNX Runtime's among them
});

describe('where a model lies', () => {
  let server: ReturnType<typeof createServer>;
  let address: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const [path] = (request.url ?? '').split('?');
      const bytes = good.get(path?.slice('/models/mine/'.length) ?? '');
      if (path?.startsWith('/cut/')) response.writeHead(200, { 'content-length': 1000 }).write('{');
      if (path?.startsWith('/cut/')) setTimeout(() => response.destroy(), 50);
      else response.writeHead(bytes ? 200 : 404).end(bytes);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/mine/model.json`;
  });
  afterAll(() => server.close());

  test('a path, a file address and a web address give the same file', async () => {
    const bytes = async (from: string) => {
      await run(from);
      return readFile(join(folder, 'out/model.onnx'));
    };
    const wanted = await bytes(model);
    expect(await bytes(pathToFileURL(model).href)).toEqual(wanted);
    expect(await bytes(`${address}?tfjs-format=file`)).toEqual(wanted);
    expect(await bytes(address.replace('model.json', ''))).toEqual(wanted);
  });

  test('an answer that breaks off says which file it was', async () => {
    await expect(run(address.replace('/models/mine', '/cut'))).rejects.toThrow(
      /cut\/model\.json but it cannot be fetched/,
    );
  });

  test('a folder stands for the model.json in it', async () => {
    expect((await run(folder)).outputs.map(({ name }) => name)).toEqual(['dense']);
  });

  test('an address of another kind, and a folder as the file to write, are refused', async () => {
    await expect(run('ftp://somewhere/model.json')).rejects.toThrow(/https:\/\/ or file:\/\/.*received ftp:/);
    await expect(exportModel({ model, out: folder })).rejects.toThrow(/name of a file to write but .* is a folder/);
    expect((await readdir(folder)).sort()).toEqual(['model.json', 'weights.bin']);
  });

  test('a module of --custom that is not there is named', async () => {
    await expect(exportModel({ model, out: join(folder, 'm.onnx'), custom: ['A=nowhere.ts'] })).rejects.toThrow(
      /module nowhere\.ts for --custom A but it does not exist/,
    );
  });

  test('a web address that has no model says what the server answers', async () => {
    await expect(run(address.replace('mine', 'yours'))).rejects.toThrow(
      /yours\/model\.json but the server answers 404/,
    );
  });

  test('a batch that is fixed is compared as it is', async () => {
    await change((json) => {
      json.modelTopology.config.layers[0].config.batch_input_shape[0] = 2;
    });
    const { inputs, differences } = await exportModel({ model, out: join(folder, 'out/model.onnx') });
    expect(inputs[0]?.shape).toEqual([2, 6, 5, 3]);
    expect(differences.dense).toBeLessThan(1e-5);
  });

  test('weights in shards, and in a folder below', async () => {
    const bytes = good.get('weights.bin') as Uint8Array;
    await mkdir(join(folder, 'shards'));
    await writeFile(join(folder, 'shards/1'), bytes.subarray(0, 101));
    await writeFile(join(folder, 'shards/2'), bytes.subarray(101));
    await run();
    const wanted = await readFile(join(folder, 'out/model.onnx'));
    await change((json) => {
      json.weightsManifest[0].paths = ['shards/1', './shards/2'];
    });
    await run();
    expect(await readFile(join(folder, 'out/model.onnx'))).toEqual(wanted);
  });

  test('a folder reached through a link', async () => {
    await symlink(folder, `${folder}-link`);
    await run(`${folder}-link/model.json`);
    await rm(`${folder}-link`);
  });
});
