import { expect, test } from 'vitest';
import { onnxGraph } from '../../../../export/convert/graphModel/onnxGraph.ts';
import { GraphDef } from './graphDef.ts';
import { readGraph } from './parity.ts';

/** What is said of a graph that cannot be converted. */
async function refusal(graph: GraphDef, more: Record<string, unknown> = {}): Promise<string> {
  try {
    onnxGraph(await readGraph(graph, more));
  } catch (error) {
    return (error as Error).message;
  }
  return 'converted';
}

function graphOf(build: (graph: GraphDef, x: string) => string | string[], shape: (number | null)[] = [null, 4, 4, 3]) {
  const graph = new GraphDef();
  graph.outputs = [build(graph, graph.input('x', shape))].flat();
  return graph;
}

test('every operator that is not known is named with all of its nodes, and so is every attribute', async () => {
  const graph = graphOf((graph, x) => {
    const first = graph.op('Frobnicate', [x], {}, 'a/first');
    const second = graph.op('Frobnicate', [first], {}, 'a/second');
    const pooled = graph.op(
      'MaxPool',
      [second],
      { ksize: [1, 2, 2, 1], strides: [1, 2, 2, 1], padding: 'SOMETIMES' },
      'b/pool',
    );
    return graph.op('RandomUniform', [graph.op('Shape', [pooled])], {}, 'c/noise');
  });
  const message = await refusal(graph);
  expect(message).toMatch(/Frobnicate: it is not known\n\s+a\/first, a\/second\n/);
  expect(message).toMatch(/MaxPool: .*"SAME"\|"VALID".*padding\n\s+b\/pool\n/);
  expect(message).toMatch(/RandomUniform: it is random\n\s+c\/noise\n/);
  expect(message).toContain('--custom NAME=module.ts');
});

test.each([
  ['While', 'control flow is not converted'],
  ['StatelessIf', 'control flow is not converted'],
  ['TensorListReserve', 'lists of tensors are not converted'],
  ['TensorArrayV3', 'lists of tensors are not converted'],
  ['HashTableV2', 'tables are not converted'],
  ['StringSplit', 'text is not converted'],
])('%s is refused by name: %s', async (operator, reason) => {
  const message = await refusal(graphOf((graph, x) => graph.op(operator, [x], {}, 'inside/it')));
  expect(message).toContain(`${operator}: ${reason}\n    inside/it`);
});

test('a loop of the first version of control flow is refused by its operators, and not taken for a circle', async () => {
  const graph = graphOf((graph, x) => {
    const enter = graph.op('Enter', [x], { frame_name: 'loop' }, 'enter');
    const merge = graph.op('Merge', [enter, 'next'], {}, 'merge');
    graph.op('NextIteration', [graph.op('Neg', [merge])], {}, 'next');
    return graph.op('Exit', [merge], {}, 'exit');
  });
  const message = await refusal(graph);
  expect(message).toMatch(/Enter: control flow[^\n]*\n\s+enter\n/);
  expect(message).toMatch(/NextIteration: control flow[^\n]*\n\s+next\n/);
});

test('a switch is followed where its side is known, and refused where only a run knows it', async () => {
  const build = (side: (graph: GraphDef, x: string) => string) =>
    graphOf((graph, x) => {
      const sides = graph.op('Switch', [x, side(graph, x)], {}, 'switch');
      const off = graph.op('Neg', [sides]);
      const parts = graph.op('Unpack', [`${sides}:1`], { axis: 1, num: 4 }); // several results on the side
      const on = graph.op('Exp', [`${parts}:2`]);
      return graph.op('Merge', [off, on], {}, 'merged');
    });
  for (const [value, operator] of [
    [false, 'Neg'],
    [true, 'Exp'], // of one part
  ] as const) {
    const { graph } = onnxGraph(await readGraph(build((graph) => graph.bools([value], []))));
    expect(graph.build().node.at(-1)?.opType).toBe(operator);
    expect(graph.build().node.some(({ opType }) => opType !== operator && /Neg|Exp/.test(opType))).toBe(false);
  }
  const never = graphOf((graph, x) => `${graph.op('Switch', [x, graph.bools([false], [])], {}, 'switch')}:1`);
  expect(await refusal(never)).toMatch(/Switch: it is an output on a side of a switch that is never taken\n\s+switch/);
  const open = build((graph, x) =>
    graph.op('Greater', [graph.op('Sum', [x, graph.ints([0, 1, 2, 3])]), graph.floats(0)]),
  );
  expect(await refusal(open)).toMatch(/Switch: which side it takes is known to a run alone\n\s+switch/);
});

test('what shapes depend on must be known before a run', async () => {
  const graph = graphOf(
    (graph, x) => graph.op('Sum', [x, graph.op('Cast', [x], { DstT: 'DT_INT32' })], {}, 'sum'),
    [2],
  );
  expect(await refusal(graph)).toMatch(/Sum: the axes must be known before a run but are \[2\].*\n\s+sum/);
});

test.each([
  [
    'a node that is missing',
    (graph: GraphDef) => graph.op('Neg', ['nowhere']),
    /node "nowhere" in model\/model\.json, which "part\/Neg_1" reads/,
  ],
  [
    'a result that its operator lacks',
    (graph: GraphDef, x: string) => graph.op('Neg', [`${graph.op('Abs', [x], {}, 'abs')}:1`]),
    /Abs: its result 1 is read[^\n]*\n\s+abs/,
  ],
  [
    'a node that is there twice',
    (graph: GraphDef, x: string) => graph.op('Neg', [x], {}, 'x'),
    /each node of model\/model\.json once but "x" is there twice/,
  ],
  [
    'an operator without its inputs',
    (graph: GraphDef) => graph.op('Neg', [], {}, 'alone'),
    /Neg: it takes an input but has none\n\s+alone/,
  ],
  [
    'numbers of text',
    (graph: GraphDef, x: string) => graph.op('Cast', [x], { DstT: 'DT_STRING' }, 'cast'),
    /Cast: .*it holds DT_STRING[^\n]*\n\s+cast/,
  ],
  [
    'complex numbers where they are not read',
    (graph: GraphDef, x: string) => graph.op('Relu', [graph.op('Complex', [x, x])], {}, 'relu'),
    /Relu: its input holds complex numbers\n\s+relu/,
  ],
  [
    'a kernel that does not fit',
    (graph: GraphDef, x: string) =>
      graph.op('Conv2D', [x, graph.weights([1, 1, 5, 2])], { padding: 'SAME', strides: [1, 1, 1, 1] }, 'conv'),
    /Conv2D: [^\n]*\n\s+conv/,
  ],
])('%s is refused by name', async (_, build, message) => {
  expect(await refusal(graphOf(build))).toMatch(message);
});

test('nodes that need their own result are refused as a circle', async () => {
  const graph = graphOf((graph) => {
    graph.op('Neg', ['second'], {}, 'first');
    return graph.op('Abs', ['first'], {}, 'second');
  });
  expect(await refusal(graph)).toMatch(
    /without a circle in model\/model\.json but "(first|second)" needs its own result/,
  );
});

test('an input whose number of dimensions is open is refused, and the signature may say it', async () => {
  const graph = new GraphDef();
  graph.outputs = [graph.op('Neg', [graph.input('x', 'unknown')])];
  expect(await refusal(graph)).toMatch(/how many dimensions the input "x" has/);
  const known = { dim: [{ size: '-1' }, { size: '5' }] };
  const signature = {
    inputs: { picture: { name: 'x:0', tensorShape: known } },
    outputs: { result: { name: graph.outputs[0] } },
  };
  const { graph: converted } = onnxGraph(await readGraph(graph, { signature }));
  expect(converted.inputs).toMatchObject([{ name: 'picture', shape: ['batch', 5] }]);
  expect(converted.outputs).toMatchObject([{ name: 'result', shape: ['batch', 5] }]);
});

test('a weight that is missing, and a file that is cut short, are refused by name', async () => {
  const graph = graphOf((graph, x) => graph.op('BiasAdd', [x, graph.weights([3])]));
  const spec = graph.specs[0] as (typeof graph.specs)[number];
  expect(await refusal(graph, { weightsManifest: [] })).toContain(`Expected the weight "${spec.name}"`);
  const longer = [{ paths: ['weights.bin'], weights: [{ ...spec, shape: [4] }] }];
  expect(await refusal(graph, { weightsManifest: longer })).toMatch(
    /Expected 16 bytes of weights in weights\.bin .* but received 12/,
  );
});
