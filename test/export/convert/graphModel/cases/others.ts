import type { GraphDef, Ref } from '../graphDef.ts';
import type { Case } from '../parity.ts';

const pixels = { shape: [null, 4, 6, 5] };
const rows = { shape: [null, 6] };
const moved = (graph: GraphDef, x: Ref) =>
  graph.op('Conv2D', [x, graph.weights([1, 1, 5, 5])], {
    padding: 'SAME',
    strides: [1, 1, 1, 1],
    dilations: [1, 1, 1, 1],
  });

const reduction = (op: string): [string, Case][] => [
  [`${op} of pixels`, { inputs: [pixels], build: (graph, x) => graph.op(op, [x, graph.ints([1, 2])]) }],
  [
    `${op} behind a convolution`,
    {
      inputs: [pixels],
      build: (graph, x) => graph.op(op, [moved(graph, x), graph.ints([1, 2])], { keep_dims: true }),
      transposes: 1,
    },
  ],
  [`${op} of channels`, { inputs: [pixels], build: (graph, x) => graph.op(op, [moved(graph, x), graph.ints(-1)]) }],
];
const whole = (op: string): [string, Case] => [
  `${op} of whole numbers`,
  {
    inputs: [{ shape: [null, 5], dtype: 'DT_INT32', high: 4 }],
    build: (graph, x) => graph.op(op, [x, graph.ints([1])]),
  },
];
const product = (
  name: string,
  op: string,
  [a, b]: [(number | null)[], (number | null)[]],
  attributes: Record<string, boolean> = {},
): [string, Case] => [
  name,
  { inputs: [{ shape: a }, { shape: b }], build: (graph, x, y) => graph.op(op, [x, y], attributes) },
];

const resizing = ['ResizeBilinear', 'ResizeNearestNeighbor'].flatMap((op) =>
  [
    ['edges', {}],
    ['corners', { align_corners: true }],
    ['centres', { half_pixel_centers: true }],
  ].flatMap(([placing, attributes]) =>
    [
      [8, 12],
      [7, 11],
      [3, 2],
    ].map((size): [string, Case] => [
      `${op} by ${placing} to ${size.join(' × ')}`,
      {
        inputs: [pixels],
        build: (graph, x) => graph.op(op, [x, graph.ints(size)], attributes as Record<string, boolean>),
      },
    ]),
  ),
);

const boxes = [0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, -0.1, 1, 0.9, 0, 10, 1, 11, 0, 10.1, 1, 11.1, 0, 100, 1, 101];
const suppressed = (version: string, extra: (graph: GraphDef) => Ref[], results = [0]): [string, Case] => [
  `NonMaxSuppression${version}`,
  {
    inputs: [{ shape: [6], low: 0, high: 1 }],
    build: (graph, scores) => {
      const kept = graph.op(
        `NonMaxSuppression${version}`,
        [graph.floats(boxes, [6, 4]), scores, graph.ints(4), graph.floats(0.5), ...extra(graph)],
        version === 'V4' ? { pad_to_max_output_size: false } : {},
      );
      return results.map((result) => `${kept}:${result}`);
    },
  },
];

export const others: Record<string, Case> = Object.fromEntries<Case>([
  ...['Max', 'Mean', 'Min', 'Prod', 'Sum', 'EuclideanNorm'].flatMap(reduction),
  ...['Max', 'Mean', 'Min', 'Prod', 'Sum'].map(whole),
  ...['All', 'Any'].map((op): [string, Case] => [
    op,
    { inputs: [{ shape: [null, 3], dtype: 'DT_BOOL' }], build: (graph, x) => graph.op(op, [x, graph.ints([1])]) },
  ]),
  [
    'Sum of truth values',
    { inputs: [{ shape: [null, 3], dtype: 'DT_BOOL' }], build: (graph, x) => graph.op('Sum', [x, graph.ints([1])]) },
  ],
  ['Sum of all', { inputs: [rows], build: (graph, x) => graph.op('Sum', [x, graph.ints([0, 1])]) }],
  ...['ArgMax', 'ArgMin'].map((op): [string, Case] => [
    op,
    { inputs: [pixels], build: (graph, x) => graph.op(op, [moved(graph, x), graph.ints(-1)]) },
  ]),
  [
    'ArgMax of equals is the first',
    {
      inputs: [{ shape: [null, 8], dtype: 'DT_INT32', high: 2 }],
      build: (graph, x) => graph.op('ArgMax', [x, graph.ints(1)]),
    },
  ],
  ...[{}, { exclusive: true }, { reverse: true }, { exclusive: true, reverse: true }].map(
    (attributes): [string, Case] => [
      `Cumsum ${JSON.stringify(attributes)}`,
      {
        inputs: [pixels],
        build: (graph, x) =>
          graph.op('Cumsum', [moved(graph, x), graph.ints(2)], attributes as Record<string, boolean>),
      },
    ],
  ),

  ['MatMul by a constant', { inputs: [rows], build: (graph, x) => graph.op('MatMul', [x, graph.weights([6, 4])]) }],
  [
    'MatMul by a constant, turned',
    { inputs: [rows], build: (graph, x) => graph.op('MatMul', [x, graph.weights([4, 6])], { transpose_b: true }) },
  ],
  product('MatMul', 'MatMul', [
    [3, 4],
    [4, 2],
  ]),
  product(
    'MatMul, both turned',
    'MatMul',
    [
      [4, 3],
      [2, 4],
    ],
    { transpose_a: true, transpose_b: true },
  ),
  product('BatchMatMul', 'BatchMatMul', [
    [null, 2, 3, 4],
    [null, 2, 4, 5],
  ]),
  product(
    'BatchMatMulV2, turned',
    'BatchMatMulV2',
    [
      [null, 4, 3],
      [null, 5, 4],
    ],
    { adj_x: true, adj_y: true },
  ),
  [
    'BatchMatMulV2 by a constant',
    { inputs: [{ shape: [null, 7, 6] }], build: (graph, x) => graph.op('BatchMatMulV2', [x, graph.weights([6, 4])]) },
  ],
  [
    '_FusedMatMul without a bias for each',
    {
      inputs: [rows],
      build: (graph, x) =>
        graph.op('_FusedMatMul', [x, graph.weights([6, 4]), graph.weights([1])], {
          fused_ops: ['BiasAdd'],
          num_args: 1,
        }),
    },
  ],
  [
    'Einsum',
    {
      inputs: [{ shape: [null, 3, 4] }, { shape: [4, 2, 5] }],
      build: (graph, x, y) => graph.op('Einsum', [x, y], { equation: 'abc,cde->abde' }),
    },
  ],
  [
    'MatrixBandPart',
    {
      inputs: [{ shape: [null, 5, 6] }],
      build: (graph, x) => graph.op('MatrixBandPart', [x, graph.ints(1), graph.ints(2)]),
    },
  ],
  [
    'MatrixBandPart of all below',
    {
      inputs: [{ shape: [null, 5, 6] }],
      build: (graph, x) => graph.op('MatrixBandPart', [x, graph.ints(-1), graph.ints(0)]),
    },
  ],
  ['Softmax', { inputs: [pixels], build: (graph, x) => graph.op('Softmax', [moved(graph, x)]), transposes: 2 }],
  ['LogSoftmax', { inputs: [rows], build: (graph, x) => graph.op('LogSoftmax', [x]) }],

  [
    'Gather',
    {
      inputs: [{ shape: [null, 3], dtype: 'DT_INT32' }],
      build: (graph, x) => graph.op('Gather', [graph.weights([7, 4]), x]),
    },
  ],
  [
    'GatherV2 of some channels',
    {
      inputs: [pixels],
      build: (graph, x) => graph.op('GatherV2', [moved(graph, x), graph.ints([4, 0, 2]), graph.ints(3)]),
      transposes: 2,
    },
  ],
  [
    'GatherV2 of one',
    { inputs: [pixels], build: (graph, x) => graph.op('GatherV2', [moved(graph, x), graph.ints(2), graph.ints(1)]) },
  ],
  [
    'GatherV2 of each sample',
    {
      inputs: [{ shape: [null, 7, 4] }, { shape: [null, 3], dtype: 'DT_INT32' }],
      build: (graph, x, at) => graph.op('GatherV2', [x, at, graph.ints(1)], { batch_dims: 1 }),
    },
  ],
  [
    'GatherNd',
    {
      inputs: [{ shape: [7, 4, 3] }, { shape: [null, 2], dtype: 'DT_INT32', high: 4 }],
      build: (graph, x, at) => graph.op('GatherNd', [x, at]),
    },
  ],
  [
    'ScatterNd adds up',
    {
      inputs: [{ shape: [5, 1], dtype: 'DT_INT32', high: 3 }, { shape: [5, 2] }],
      build: (graph, at, x) => graph.op('ScatterNd', [at, x, graph.ints([4, 2])]),
    },
  ],
  [
    'TensorScatterUpdate',
    {
      inputs: [{ shape: [4, 2] }],
      build: (graph, x) => graph.op('TensorScatterUpdate', [x, graph.ints([2, 0], [2, 1]), graph.weights([2, 2])]),
    },
  ],
  [
    'SparseToDense',
    {
      inputs: [{ shape: [3] }],
      build: (graph, x) =>
        graph.op('SparseToDense', [graph.ints([0, 1, 2, 0, 1, 3], [3, 2]), graph.ints([3, 4]), x, graph.floats(0.5)]),
    },
  ],
  [
    'SparseToDense of a list, one number for all',
    {
      inputs: [{ shape: [] }],
      build: (graph, x) => graph.op('SparseToDense', [graph.ints([0, 3]), graph.ints([5]), x, graph.floats(0)]),
    },
  ],
  ...['SparseSegmentSum', 'SparseSegmentMean'].map((op): [string, Case] => [
    op,
    {
      inputs: [{ shape: [5, 3] }],
      build: (graph, x) => graph.op(op, [x, graph.ints([0, 2, 4, 1]), graph.ints([0, 0, 2, 2])]),
    },
  ]),
  ['Where', { inputs: [{ shape: [null, 4], dtype: 'DT_BOOL' }], build: (graph, x) => graph.op('Where', [x]) }],
  [
    'TopKV2',
    {
      inputs: [pixels],
      build: (graph, x) => {
        const top = graph.op('TopKV2', [x, graph.ints(3)], { sorted: true });
        return [top, `${top}:1`];
      },
    },
  ],
  suppressed('V2', () => []),
  suppressed('V3', (graph) => [graph.floats(0.2)]),
  suppressed('V4', (graph) => [graph.floats(0.2)], [0, 1]),
  suppressed('V5', (graph) => [graph.floats(0.2), graph.floats(0)], [0, 1]),
  ...resizing,

  [
    'RFFT, ComplexAbs',
    {
      inputs: [{ shape: [null, 3, 16] }],
      build: (graph, x) => graph.op('ComplexAbs', [graph.op('RFFT', [x, graph.ints([16])])]),
    },
  ],
  [
    'RFFT of a length that is no power of 2, Abs',
    {
      inputs: [{ shape: [null, 12] }],
      build: (graph, x) => graph.op('Abs', [graph.op('RFFT', [x, graph.ints([12])])]),
    },
  ],
  [
    'IRFFT',
    {
      inputs: [{ shape: [null, 16] }],
      build: (graph, x) => graph.op('IRFFT', [graph.op('RFFT', [x, graph.ints([16])]), graph.ints([16])]),
    },
  ],
  ...['FFT', 'IFFT'].map((op): [string, Case] => [
    `${op}, Complex, Real, Imag`,
    {
      inputs: [{ shape: [null, 8] }, { shape: [null, 8] }],
      build: (graph, x, y) => {
        const result = graph.op(op, [graph.op('Complex', [x, y])]);
        return [graph.op('Real', [result]), graph.op('Imag', [result])];
      },
    },
  ]),
  [
    'complex constants',
    {
      inputs: [rows],
      build: (graph, x) =>
        graph.op('Mul', [
          x,
          graph.op('Real', [graph.op('FFT', [graph.complex([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [6])])]),
        ]),
    },
  ],
]);
