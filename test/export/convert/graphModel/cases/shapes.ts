import type { GraphDef, Ref } from '../graphDef.ts';
import type { Case } from '../parity.ts';

const pixels = { shape: [null, 4, 6, 5] };
const rows = { shape: [null, 6] };
const one = (build: (graph: GraphDef, x: Ref) => Ref | Ref[], more: Partial<Case> = {}): Case => ({
  inputs: [pixels],
  build,
  ...more,
});
/** Channels stand before pixels here. */
const moved = (graph: GraphDef, x: Ref) =>
  graph.op('Conv2D', [x, graph.weights([1, 1, 5, 5])], {
    padding: 'SAME',
    strides: [1, 1, 1, 1],
    dilations: [1, 1, 1, 1],
  });
const both = (
  name: string,
  build: (graph: GraphDef, x: Ref) => Ref | Ref[],
  more: Partial<Case> = {},
): [string, Case][] => [
  [name, one(build, more)],
  [`${name}, behind a convolution`, one((graph, x) => build(graph, moved(graph, x)))],
];
const sizes = (graph: GraphDef, x: Ref, from: number) =>
  graph.op('StridedSlice', [graph.op('Shape', [x]), graph.ints([from]), graph.ints([from + 1]), graph.ints([1])], {
    shrink_axis_mask: 1,
  });
const slice = (
  name: string,
  [begin, end, step]: [number[], number[], number[]],
  masks: Record<string, number> = {},
): [string, Case][] =>
  both(`StridedSlice ${name}`, (graph, x) =>
    graph.op('StridedSlice', [x, graph.ints(begin), graph.ints(end), graph.ints(step)], masks),
  );

export const shapes: Record<string, Case> = Object.fromEntries<Case>([
  ...['Identity', 'Snapshot', 'StopGradient', 'Print', 'FakeQuantWithMinMaxVars'].map((op): [string, Case] => [
    op,
    one((graph, x) => graph.op('Relu', [graph.op(op, [x], { min: -0.1, max: 0.1 })])),
  ]),
  ['IdentityN', { inputs: [rows, pixels], build: (graph, x, y) => `${graph.op('IdentityN', [x, y])}:1` }],
  [
    'EnsureShape',
    {
      inputs: [{ shape: [2, 5] }],
      build: (graph, x) => graph.op('Neg', [graph.op('EnsureShape', [x, graph.ints([2, 5])])]),
    },
  ],
  ...(['DT_INT32', 'DT_BOOL', 'DT_FLOAT'] as const).flatMap((from) =>
    (['DT_INT32', 'DT_BOOL', 'DT_FLOAT'] as const).map((to): [string, Case] => [
      `Cast from ${from} to ${to}`,
      {
        inputs: [{ shape: [null, 6], dtype: from, ...(from === 'DT_FLOAT' && { low: -3, high: 3 }) }],
        build: (graph, x) => graph.op('Cast', [x], { SrcT: from, DstT: to }),
      },
    ]),
  ),
  ...both('Shape', (graph, x) => graph.op('Shape', [x])),
  ['ShapeN', { inputs: [rows, pixels], build: (graph, x, y) => `${graph.op('ShapeN', [x, y])}:1` }],
  ...both('Size', (graph, x) => graph.op('Size', [x])),
  ['Rank', one((graph, x) => graph.op('Rank', [x]))],
  ...both('Reshape of known sizes', (graph, x) => graph.op('Reshape', [x, graph.ints([-1, 12, 10])])),
  ...both('Reshape to rows', (graph, x) => graph.op('Reshape', [x, graph.ints([-1, 120])])),
  ...both('Reshape by sizes that the graph puts together', (graph, x) =>
    graph.op('Reshape', [
      x,
      graph.op('Pack', [sizes(graph, x, 0), graph.op('Mul', [sizes(graph, x, 1), sizes(graph, x, 2)]), graph.ints(5)]),
    ]),
  ),
  [
    'Reshape by sizes that only a run knows',
    {
      inputs: [{ shape: [null, null, 4] }],
      build: (graph, x) =>
        graph.op('Reshape', [
          x,
          graph.op('Pack', [graph.op('Mul', [sizes(graph, x, 0), sizes(graph, x, 1)]), graph.ints(2), graph.ints(2)]),
        ]),
    },
  ],
  [
    'Reshape that joins a free batch with a free length',
    { inputs: [{ shape: [null, null, 4] }], build: (graph, x) => graph.op('Reshape', [x, graph.ints([-1, 4])]) },
  ],
  ...both('ExpandDims', (graph, x) => graph.op('ExpandDims', [x, graph.ints(2)])),
  ...both('ExpandDims at the end', (graph, x) => graph.op('ExpandDims', [x, graph.ints(-1)])),
  ...both('Squeeze', (graph, x) =>
    graph.op('Squeeze', [graph.op('Mean', [x, graph.ints([2])], { keep_dims: true })], { squeeze_dims: [2] }),
  ),
  ['Squeeze of all', { inputs: [{ shape: [1, 4, 1, 5] }], build: (graph, x) => graph.op('Squeeze', [x]) }],
  ...both('Transpose', (graph, x) => graph.op('Transpose', [x, graph.ints([0, 3, 1, 2])])),
  ...both('Pad', (graph, x) => graph.op('Pad', [x, graph.ints([0, 0, 1, 2, 0, 3, 0, 0], [4, 2])])),
  ...both('PadV2', (graph, x) =>
    graph.op('PadV2', [x, graph.ints([0, 0, 1, 2, 0, 3, 1, 0], [4, 2]), graph.floats(-2)]),
  ),
  ...both('MirrorPad REFLECT', (graph, x) =>
    graph.op('MirrorPad', [x, graph.ints([0, 0, 1, 2, 0, 3, 0, 0], [4, 2])], { mode: 'REFLECT' }),
  ),
  ...both('MirrorPad SYMMETRIC', (graph, x) =>
    graph.op('MirrorPad', [x, graph.ints([0, 0, 1, 2, 0, 3, 0, 0], [4, 2])], { mode: 'SYMMETRIC' }),
  ),
  [
    'Pad of whole numbers',
    {
      inputs: [{ shape: [null, 6], dtype: 'DT_INT32' }],
      build: (graph, x) => graph.op('PadV2', [x, graph.ints([0, 0, 1, 1], [2, 2]), graph.ints(9)]),
    },
  ],
  [
    'Pad of a MaxPool counts',
    one((graph, x) =>
      graph.op(
        'MaxPool',
        [graph.op('Pad', [graph.op('Sub', [x, graph.floats(2)]), graph.ints([0, 0, 1, 1, 1, 1, 0, 0], [4, 2])])],
        {
          ksize: [1, 3, 3, 1],
          strides: [1, 2, 2, 1],
          padding: 'VALID',
        },
      ),
    ),
  ],
  ...both('Tile', (graph, x) => graph.op('Tile', [x, graph.ints([1, 2, 1, 3])])),
  [
    'BroadcastTo',
    { inputs: [{ shape: [1, 4, 1, 5] }], build: (graph, x) => graph.op('BroadcastTo', [x, graph.ints([2, 4, 3, 5])]) },
  ],
  [
    'BroadcastArgs',
    one((graph, x) =>
      graph.op(
        'AddV2',
        [graph.op('Shape', [x]), graph.op('BroadcastArgs', [graph.ints([4, 1]), graph.ints([1])], {})]
          .slice(0, 1)
          .concat([
            graph.op('Sum', [graph.op('BroadcastArgs', [graph.ints([4, 1]), graph.ints([1])]), graph.ints([0])]),
          ]),
      ),
    ),
  ],
  [
    'DepthToSpace',
    {
      inputs: [{ shape: [null, 3, 4, 8] }],
      build: (graph, x) => graph.op('DepthToSpace', [x], { block_size: 2, data_format: 'NHWC' }),
    },
  ],
  [
    'SpaceToBatchND and BatchToSpaceND around a convolution dilate it',
    one((graph, x) => {
      const block = graph.ints([2, 2]);
      const apart = graph.op('SpaceToBatchND', [x, block, graph.ints([2, 2, 2, 2], [2, 2])]);
      const inside = graph.op('Conv2D', [apart, graph.weights([3, 3, 5, 4])], {
        padding: 'VALID',
        strides: [1, 1, 1, 1],
        dilations: [1, 1, 1, 1],
      });
      return graph.op('BatchToSpaceND', [inside, block, graph.ints([0, 0, 0, 0], [2, 2])]);
    }),
  ],
  [
    'BatchToSpaceND crops',
    {
      inputs: [{ shape: [4, 3, 3, 2] }],
      build: (graph, x) => graph.op('BatchToSpaceND', [x, graph.ints([2, 2]), graph.ints([1, 0, 0, 2], [2, 2])]),
    },
  ],

  ...both('Slice', (graph, x) => graph.op('Slice', [x, graph.ints([0, 1, 2, 0]), graph.ints([-1, 2, -1, 5])])),
  [
    'Slice from a place that the graph computes',
    {
      inputs: [{ shape: [8, 6] }, { shape: [2], dtype: 'DT_INT32', high: 3 }],
      build: (graph, x, from) => graph.op('Slice', [x, from, graph.ints([4, -1])]),
    },
  ],
  ...slice(
    'of some',
    [
      [0, 1, 0, 2],
      [0, 3, 0, 4],
      [1, 1, 1, 1],
    ],
    { begin_mask: 5, end_mask: 5 },
  ),
  ...slice(
    'from the end',
    [
      [0, -3, 0, -2],
      [0, -1, 0, 5],
      [1, 1, 1, 1],
    ],
    { begin_mask: 5, end_mask: 5 },
  ),
  ...slice(
    'of every second, and backwards',
    [
      [0, 0, 5],
      [0, 4, 0],
      [1, 2, -1],
    ],
    { begin_mask: 1, end_mask: 5 },
  ),
  ...slice(
    'of one',
    [
      [0, 1, 0, -1],
      [0, 2, 0, 0],
      [1, 1, 1, 1],
    ],
    { begin_mask: 5, end_mask: 5, shrink_axis_mask: 10 },
  ),
  ...slice(
    'behind an ellipsis',
    [
      [0, 1],
      [0, 3],
      [1, 1],
    ],
    { ellipsis_mask: 1 },
  ),
  ...slice(
    'with new axes',
    [
      [0, 0, 0, 1],
      [0, 0, 0, 3],
      [1, 1, 1, 1],
    ],
    { ellipsis_mask: 4, new_axis_mask: 2, begin_mask: 1, end_mask: 1 },
  ),
  [
    'StridedSlice up to a place that the graph computes',
    {
      inputs: [{ shape: [null, null] }],
      build: (graph, x) => {
        const half = graph.op('FloorDiv', [sizes(graph, x, 1), graph.ints(2)]);
        const end = graph.op('Pack', [graph.ints(0), half]);
        return graph.op('StridedSlice', [x, graph.ints([0, 1]), end, graph.ints([1, 1])], {
          begin_mask: 1,
          end_mask: 1,
        });
      },
    },
  ],
  ...both('ConcatV2', (graph, x) => graph.op('ConcatV2', [x, graph.op('Neg', [x]), graph.ints(2)])),
  ['Concat', one((graph, x) => graph.op('Concat', [graph.ints(1), x, graph.op('Neg', [x])], { N: 2 }))],
  [
    'ConcatV2 of whole and real numbers',
    {
      inputs: [rows, { shape: [null, 2], dtype: 'DT_INT32' }],
      build: (graph, x, y) => graph.op('ConcatV2', [x, graph.op('Cast', [y], { DstT: 'DT_FLOAT' }), graph.ints(1)]),
    },
  ],
  ...both('Pack', (graph, x) => graph.op('Pack', [x, graph.op('Neg', [x])], { axis: 1 })),
  ...both('Unpack', (graph, x) => {
    const parts = graph.op('Unpack', [x], { axis: 1, num: 4 });
    return [parts, `${parts}:3`];
  }),
  ...both('Split', (graph, x) => {
    const parts = graph.op('Split', [graph.ints(2), x], { num_split: 3 });
    return [parts, `${parts}:2`];
  }),
  ...both('SplitV', (graph, x) => {
    const parts = graph.op('SplitV', [x, graph.ints([1, -1, 2]), graph.ints(3)], { num_split: 3 });
    return [parts, `${parts}:1`, `${parts}:2`];
  }),
  ...both('ReverseV2', (graph, x) => graph.op('ReverseV2', [x, graph.ints([1, 3])])),
  ['Reverse', one((graph, x) => graph.op('Reverse', [x, graph.bools([false, true, false, true])]))],

  ['Fill', one((graph, x) => graph.op('AddV2', [x, graph.op('Fill', [graph.op('Shape', [x]), graph.floats(2)])]))],
  [
    'Fill of sizes that only a run knows',
    {
      inputs: [{ shape: [null, null] }],
      build: (graph, x) => {
        const twice = graph.op('Mul', [sizes(graph, x, 1), graph.ints(2)]);
        return graph.op('Fill', [graph.op('Pack', [twice, sizes(graph, x, 0)]), graph.floats(0.5)]);
      },
    },
  ],
  ['Zeros', one((graph, x) => graph.op('AddV2', [x, graph.op('Zeros', [graph.ints([5])], { T: 'DT_FLOAT' })]))],
  ['Ones', one((graph, x) => graph.op('AddV2', [x, graph.op('Ones', [graph.op('Shape', [x])], { T: 'DT_FLOAT' })]))],
  ...both('ZerosLike', (graph, x) => graph.op('ZerosLike', [x])),
  ['OnesLike', { inputs: [{ shape: [null, 6], dtype: 'DT_INT32' }], build: (graph, x) => graph.op('OnesLike', [x]) }],
  [
    'Range',
    one((graph, x) =>
      graph.op('Mul', [
        x,
        graph.op('Cast', [graph.op('Range', [graph.ints(0), graph.ints(5), graph.ints(1)], { Tidx: 'DT_INT32' })], {
          DstT: 'DT_FLOAT',
        }),
      ]),
    ),
  ],
  [
    'Range up to a size that only a run knows',
    {
      inputs: [{ shape: [null, null] }],
      build: (graph, x) => graph.op('Range', [graph.ints(0), sizes(graph, x, 1), graph.ints(2)], { Tidx: 'DT_INT32' }),
    },
  ],
  [
    'LinSpace',
    one((graph, x) => graph.op('Mul', [x, graph.op('LinSpace', [graph.floats(-1), graph.floats(3), graph.ints(5)])])),
  ],
  [
    'OneHot, also of what is no class',
    {
      inputs: [{ shape: [null, 3], dtype: 'DT_INT32', high: 6 }],
      build: (graph, x) =>
        graph.op('OneHot', [graph.op('Sub', [x, graph.ints(1)]), graph.ints(4), graph.floats(2), graph.floats(-1)], {
          axis: -1,
          T: 'DT_FLOAT',
        }),
    },
  ],
]);
