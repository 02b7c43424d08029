import { readFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { decodeModel } from '../../../export/onnx/decode.ts';
import type { ModelProto } from '../../../export/onnx/messages.ts';
import { checkOnnx } from '../../../export/verify/checkOnnx.ts';

let model: ModelProto;
beforeEach(() => {
  model = decodeModel(readFileSync(new URL('../../../models/digits/image.onnx', import.meta.url)), 'image.onnx');
});

test('a file as exported keeps all rules', () => {
  expect(checkOnnx(model)).toEqual([]);
});

const first = (of: ModelProto) => of.graph.node[0] as ModelProto['graph']['node'][number];
const faults: [string, (model: ModelProto) => void, RegExp][] = [
  ['nodes out of order', ({ graph }) => graph.node.reverse(), /reads .* which nothing before it gives/],
  ['a cycle', (broken) => first(broken).input.push('image/embedding'), /nothing before it gives/],
  [
    'one name for two nodes',
    ({ graph }) => {
      for (const node of graph.node) node.name = 'same';
    },
    /two nodes are called/,
  ],
  [
    'a value given twice',
    ({ graph }) => graph.node.push({ ...(graph.node[0] as (typeof graph.node)[number]), name: 'again' }),
    /is given already/,
  ],
  [
    'an output that nothing gives',
    ({ graph }) => graph.output.push({ name: 'lost', type: { tensorType: { elemType: 1 } } }),
    /nothing gives the output "lost"/,
  ],
  [
    'a weight cut short',
    ({ graph }) => Object.assign(graph.initializer.at(-1) as object, { rawData: new Uint8Array(3) }),
    /has 3 bytes/,
  ],
  [
    'a weight that is no number',
    ({ graph }) =>
      Object.assign(graph.initializer.find(({ dims }) => dims.length === 4) as object, {
        rawData: notANumber(graph.initializer.find(({ dims }) => dims.length === 4)?.rawData.length ?? 0),
      }),
    /holds a number that is none/,
  ],
  [
    'operators newer than runtimes',
    ({ opsetImport }) => Object.assign(opsetImport[0] as object, { version: 22 }),
    /opset 22/,
  ],
  [
    'operators of a domain not named',
    (broken) => Object.assign(first(broken), { domain: 'com.example' }),
    /"com.example", which is not imported/,
  ],
  ['a newer format', (broken) => Object.assign(broken, { irVersion: 12 }), /IR version 12/],
];

test.each(faults)('%s is found', (_, spoil, problem) => {
  spoil(model);
  expect(checkOnnx(model).join('\n')).toMatch(problem);
});

function notANumber(length: number): Uint8Array {
  return new Uint8Array(new Float32Array(length / 4).fill(Number.NaN).buffer);
}
