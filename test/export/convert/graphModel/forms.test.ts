import { expect, test } from 'vitest';
import { onnxGraph } from '../../../../export/convert/graphModel/onnxGraph.ts';
import { modelBytes } from '../../../../export/onnx/model.ts';
import { runOnnx } from '../support/runOnnx.ts';
import { GraphDef } from './graphDef.ts';
import { readGraph } from './parity.ts';

async function run(
  graph: GraphDef,
  inputs: { shape: number[]; data: Float32Array }[],
  more: Record<string, unknown> = {},
) {
  const { graph: converted } = onnxGraph(await readGraph(graph, more));
  return runOnnx(modelBytes(converted, { doc: '', producerVersion: '0', metadata: {} }), inputs);
}

test('weights in 8, 16 and half the bits, whole numbers among them, are read as tfjs reads them', async () => {
  const graph = new GraphDef();
  const x = graph.input('x', [4]);
  // quantization.py of the tensorflowjs converter: value = stored × scale + min
  const eight = graph.stored(
    { shape: [4], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.5, min: -1 } },
    Uint8Array.of(0, 1, 2, 255),
  );
  const sixteen = graph.stored(
    { shape: [4], dtype: 'float32', quantization: { dtype: 'uint16', scale: 0.25, min: 2 } },
    new Uint8Array(Uint16Array.of(0, 4, 8, 40000).buffer),
  );
  // 1, −2, 0.5 and 65504 of IEEE 754's binary16
  const half = graph.stored(
    { shape: [4], dtype: 'float32', quantization: { dtype: 'float16' } },
    new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x7bff).buffer),
  );
  const whole = graph.stored(
    { shape: [4], dtype: 'int32', quantization: { dtype: 'uint8', scale: 1, min: -3 } },
    Uint8Array.of(0, 3, 4, 10),
  );
  const large = graph.ints([16_777_217, 0, -1, 2_147_483_647]);
  graph.outputs = [
    ...[eight, sixteen, half].map((weights) => graph.op('Mul', [x, weights])),
    graph.op('Identity', [whole]),
    graph.op('Equal', [large, graph.ints([16_777_216, 0, -1, 2_147_483_646])]),
  ];
  const results = await run(graph, [{ shape: [4], data: Float32Array.of(1, 1, 1, 1) }]);
  expect(results.map(({ data }) => [...data])).toEqual([
    [-1, -0.5, 0, 126.5],
    [2, 3, 4, 10002],
    [1, -2, 0.5, 65504],
    [-3, 0, 1, 7],
    [0, 1, 1, 0], // float32 would take them for equal
  ]);
});

test('names come from the signature, which older converters put among what users may add', async () => {
  const graph = new GraphDef();
  const x = graph.input('serving_x', [null, 3]);
  const y = graph.op('Neg', [x], {}, 'StatefulPartitionedCall/neg');
  const signature = {
    inputs: { 'x:0': { name: 'serving_x:0', dtype: 'DT_FLOAT' } },
    outputs: { 'y:0': { name: `${y}:0` }, same: { name: y } },
  };
  graph.outputs = [y];
  const { graph: converted } = onnxGraph(
    await readGraph(graph, { signature: undefined, userDefinedMetadata: { signature } }),
  );
  expect(converted.inputs.map(({ name }) => name)).toEqual(['x']);
  expect(converted.outputs.map(({ name }) => name)).toEqual(['y', 'same']);
});

test('without a signature, inputs are the placeholders, and outputs what no node reads', async () => {
  const graph = new GraphDef();
  const x = graph.input('first', [null, 3]);
  const y = graph.input('second', [null, 3]);
  const sum = graph.op('AddV2', [x, y]);
  graph.op('NoOp', [], {}, 'nothing');
  graph.op('Neg', [sum], {}, 'below');
  graph.op('Exp', [sum], {}, 'above');
  const { graph: converted } = onnxGraph(await readGraph(graph, { signature: undefined }));
  expect(converted.inputs.map(({ name }) => name)).toEqual(['first', 'second']);
  expect(converted.outputs.map(({ name }) => name)).toEqual(['below', 'above']);
});

test('what only says when a node runs is not read, and a default stands for an input that nobody asks for', async () => {
  const graph = new GraphDef();
  const x = graph.input('x', [2]);
  const check = graph.op('Assert', [x], {}, 'assert'); // tfjs knows no such operator, and never runs it
  const fallback = graph.op('PlaceholderWithDefault', [graph.floats(3)], { dtype: 'DT_FLOAT' }, 'keep_probability');
  graph.outputs = [graph.op('Mul', [x, fallback, `^${check}`])];
  const [result] = await run(graph, [{ shape: [2], data: Float32Array.of(1, 2) }]);
  expect([...(result?.data ?? [])]).toEqual([3, 6]);
});

test('--nchw: pictures come in with channels before pixels, and none move in front of a convolution', async () => {
  const graph = new GraphDef();
  const x = graph.input('x', [null, 4, 5, 3]);
  const conv = graph.op('Conv2D', [x, graph.weights([1, 1, 3, 2])], { padding: 'SAME', strides: [1, 1, 1, 1] });
  graph.outputs = [graph.op('Mean', [conv, graph.ints([1, 2])])];
  const { graph: converted } = onnxGraph(await readGraph(graph), { channelsFirst: true });
  expect(converted.inputs[0]?.shape).toEqual(['batch', 3, 4, 5]);
  expect(converted.build().node.map(({ opType }) => opType)).toEqual(['Conv', 'GlobalAveragePool', 'Squeeze']);
});

test('types as numbers and text as bytes, as other writers of protobuf have them, are read', async () => {
  const graph = new GraphDef();
  graph.outputs = [
    graph.op('MaxPool', [graph.input('x', [1, 4, 4, 1])], { ksize: [1, 2, 2, 1], strides: [1, 2, 2, 1] }),
  ];
  const node = graph.nodes.at(-1) as (typeof graph.nodes)[number];
  node.attr.padding = { s: [...'VALID'].map((letter) => letter.charCodeAt(0)) };
  (graph.nodes[0] as (typeof graph.nodes)[number]).attr.dtype = { type: 1 };
  const data = Float32Array.from({ length: 16 }, (_, i) => i);
  const [result] = await run(graph, [{ shape: [1, 4, 4, 1], data }]);
  expect([...(result?.data ?? [])]).toEqual([5, 7, 13, 15]);
});

test('weights that several nodes use are stored once', async () => {
  const graph = new GraphDef();
  const [x, y] = [graph.input('x', [null, 4, 4, 3]), graph.input('y', [null, 2, 2, 3])];
  const convolution = { padding: 'SAME', strides: [1, 1, 1, 1], data_format: 'NHWC' };
  const [depthwise, pointwise, matrix] = [
    graph.weights([3, 3, 3, 1]),
    graph.weights([1, 1, 3, 5]),
    graph.weights([4, 5]),
  ];
  graph.outputs = [x, y].map((pixels) => {
    const deep = graph.op('DepthwiseConv2dNative', [pixels, depthwise], convolution);
    const wide = graph.op('Mean', [graph.op('Conv2D', [deep, pointwise], convolution), graph.ints([1, 2])]);
    return graph.op('MatMul', [wide, matrix], { transpose_b: true });
  });
  const { graph: converted } = onnxGraph(await readGraph(graph));
  const { initializer } = converted.build();
  const numbers = initializer.filter(({ dataType }) => dataType === 1).map(({ dims }) => dims);
  expect(numbers).toEqual(
    expect.arrayContaining([
      [3, 1, 3, 3],
      [5, 3, 1, 1],
      [5, 4],
    ]),
  );
  expect(numbers).toHaveLength(3);
});
