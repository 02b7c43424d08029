import type { GraphDef, Ref } from '../graphDef.ts';
import type { Case } from '../parity.ts';

const pixels = { shape: [null, 9, 8, 3] };
const conv = (padding: string, strides = 1, dilations = 1) => ({
  padding,
  strides: [1, strides, strides, 1],
  dilations: [1, dilations, dilations, 1],
  data_format: 'NHWC',
});
const one = (build: (graph: GraphDef, x: Ref) => Ref, more: Partial<Case> = {}): Case => ({
  inputs: [pixels],
  build,
  ...more,
});
const trunk = (graph: GraphDef, x: Ref) => graph.op('Conv2D', [x, graph.weights([3, 3, 3, 4])], conv('SAME', 2));

const paddings = ['SAME', 'VALID'].flatMap((padding) =>
  [
    [1, 1],
    [2, 1],
    [1, 2],
  ].flatMap(([strides = 1, dilations = 1]): [string, Case][] => [
    [
      `Conv2D ${padding}, strides ${strides}, dilations ${dilations}`,
      one((graph, x) => graph.op('Conv2D', [x, graph.weights([3, 2, 3, 4])], conv(padding, strides, dilations)), {
        operators: ['Transpose', 'Conv', 'Transpose'],
      }),
    ],
    [
      `DepthwiseConv2dNative ${padding}, strides ${strides}, dilations ${dilations}`,
      one((graph, x) =>
        graph.op('DepthwiseConv2dNative', [x, graph.weights([3, 3, 3, 2])], conv(padding, strides, dilations)),
      ),
    ],
  ]),
);

const fusedActivations = ['Relu', 'Relu6', 'Elu', 'Sigmoid', 'LeakyRelu', 'Prelu'].flatMap((name): [string, Case][] => {
  const slopes = (graph: GraphDef, channels: number) => (name === 'Prelu' ? [graph.weights([channels])] : []);
  const fusion = { fused_ops: ['BiasAdd', name], num_args: name === 'Prelu' ? 2 : 1, leakyrelu_alpha: 0.3 };
  return [
    [
      `_FusedConv2D with ${name}`,
      one(
        (graph, x) =>
          graph.op('_FusedConv2D', [x, graph.weights([3, 3, 3, 4]), graph.weights([4]), ...slopes(graph, 4)], {
            ...conv('SAME'),
            ...fusion,
          }),
        { transposes: 2 },
      ),
    ],
    ...(name === 'LeakyRelu'
      ? [] // tfjs reads no slope of a depthwise one
      : ([
          [
            `FusedDepthwiseConv2dNative with ${name}`,
            one((graph, x) =>
              graph.op(
                'FusedDepthwiseConv2dNative',
                [x, graph.weights([3, 3, 3, 1]), graph.weights([3]), ...slopes(graph, 3)],
                { ...conv('SAME', 2), ...fusion },
              ),
            ),
          ],
        ] as [string, Case][])),
    [
      `_FusedMatMul with ${name}`,
      {
        inputs: [{ shape: [null, 5] }],
        build: (graph, x) =>
          graph.op('_FusedMatMul', [x, graph.weights([5, 4]), graph.weights([4]), ...slopes(graph, 4)], fusion),
      },
    ],
  ];
});

const pools = ['MaxPool', 'AvgPool'].flatMap((op) =>
  ['SAME', 'VALID'].map((padding): [string, Case] => [
    `${op} ${padding}`,
    one((graph, x) => graph.op(op, [x], { ksize: [1, 3, 2, 1], strides: [1, 2, 2, 1], padding }), { transposes: 2 }),
  ]),
);

const transposed = ['SAME', 'VALID'].flatMap((padding) =>
  [1, 2, 3].map((strides): [string, Case] => [
    `Conv2DBackpropInput ${padding}, strides ${strides}`,
    {
      inputs: [{ shape: [2, 5, 4, 3] }],
      build: (graph, x) => {
        const length = (from: number) =>
          padding === 'SAME' ? from * strides : from * strides + Math.max(2 - strides, 0);
        const sizes = graph.ints([2, length(5), length(4), 4]);
        return graph.op('Conv2DBackpropInput', [sizes, graph.weights([2, 2, 4, 3]), x], {
          padding,
          strides: [1, strides, strides, 1],
        });
      },
    },
  ]),
);

export const convolutions: Record<string, Case> = Object.fromEntries<Case>([
  ...paddings,
  ...fusedActivations,
  ...pools,
  ...transposed,
  [
    'Conv2D EXPLICIT',
    one((graph, x) =>
      graph.op('Conv2D', [x, graph.weights([3, 3, 3, 4])], {
        ...conv('EXPLICIT'),
        explicit_paddings: [0, 0, 1, 2, 0, 1, 0, 0],
      }),
    ),
  ],
  [
    '_FusedConv2D with BiasAdd alone',
    one((graph, x) =>
      graph.op('_FusedConv2D', [x, graph.weights([1, 1, 3, 4]), graph.weights([4])], {
        ...conv('VALID'),
        fused_ops: ['BiasAdd'],
        num_args: 1,
      }),
    ),
  ],
  [
    'Conv2D of a kernel that the graph computes',
    {
      inputs: [pixels, { shape: [3, 3, 3, 4] }],
      build: (graph, x, kernel) => graph.op('Conv2D', [x, graph.op('Tanh', [kernel])], conv('SAME')),
    },
  ],
  [
    'Conv2DBackpropInput of sizes that the graph computes',
    {
      inputs: [{ shape: [null, 5, 4, 3] }],
      build: (graph, x) => {
        const shape = graph.op('Shape', [x]);
        const at = (from: number) =>
          graph.op('StridedSlice', [shape, graph.ints([from]), graph.ints([from + 1]), graph.ints([1])], {
            shrink_axis_mask: 1,
          });
        const twice = (from: number) => graph.op('Mul', [at(from), graph.ints(2)]);
        const sizes = graph.op('Pack', [at(0), twice(1), twice(2), graph.ints(4)], { axis: 0 });
        return graph.op('Conv2DBackpropInput', [sizes, graph.weights([3, 3, 4, 3]), x], {
          padding: 'SAME',
          strides: [1, 2, 2, 1],
        });
      },
      operators: ['Transpose', 'ConvTranspose', 'Transpose'],
    },
  ],
  ['DepthwiseConv2d', one((graph, x) => graph.op('DepthwiseConv2d', [x, graph.weights([2, 2, 3, 1])], conv('VALID')))],
  [
    'Conv3D',
    {
      inputs: [{ shape: [null, 4, 5, 4, 2] }],
      build: (graph, x) =>
        graph.op('Conv3D', [x, graph.weights([2, 3, 2, 2, 3])], {
          padding: 'SAME',
          strides: [1, 1, 2, 1, 1],
          dilations: [1, 1, 1, 1, 1],
          data_format: 'NDHWC',
        }),
    },
  ],
  ...['MaxPool3D', 'AvgPool3D'].map((op): [string, Case] => [
    op,
    {
      inputs: [{ shape: [null, 4, 5, 4, 2] }],
      build: (graph, x) =>
        graph.op(op, [x], { ksize: [1, 2, 2, 2, 1], strides: [1, 2, 2, 2, 1], padding: 'SAME', data_format: 'NDHWC' }),
    },
  ]),
  ...['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'].map((op): [string, Case] => [
    `${op} behind a convolution is multiplied into it`,
    one(
      (graph, x) =>
        graph.op(
          op,
          [
            trunk(graph, x),
            graph.weights([4], 0.5, 1.5),
            graph.weights([4]),
            graph.weights([4]),
            graph.weights([4], 0.5, 1.5),
          ],
          { epsilon: 0.001, is_training: false },
        ),
      { operators: ['Transpose', 'Conv', 'Transpose'] },
    ),
  ]),
  [
    'LRN',
    {
      inputs: [{ shape: [null, 4, 4, 8] }],
      build: (graph, x) => graph.op('LRN', [x], { depth_radius: 2, bias: 1.5, alpha: 0.3, beta: 0.75 }),
    },
  ],
  [
    'channels move once into a trunk of convolutions, sums, pads, pools, resizing and means',
    one(
      (graph, x) => {
        const first = graph.op('Relu6', [graph.op('BiasAdd', [trunk(graph, x), graph.weights([4])])]);
        const padded = graph.op('Pad', [first, graph.ints([0, 0, 1, 1, 2, 0, 0, 0], [4, 2])]);
        const pooled = graph.op('MaxPool', [padded], { ksize: [1, 2, 2, 1], strides: [1, 1, 1, 1], padding: 'VALID' });
        const scaled = graph.op('ResizeBilinear', [pooled, graph.ints([8, 6])], { half_pixel_centers: true });
        const gate = graph.op('Mean', [scaled, graph.ints([1, 2])], { keep_dims: true });
        const gated = graph.op('Mul', [scaled, graph.op('Sigmoid', [gate])]);
        const joined = graph.op('ConcatV2', [gated, scaled, graph.ints(-1)]);
        const deep = graph.op('Conv2D', [joined, graph.weights([1, 1, 8, 4])], conv('SAME'));
        const sum = graph.op('AddV2', [deep, scaled]);
        return graph.op('Mean', [sum, graph.ints([1, 2])]);
      },
      { transposes: 1 },
    ),
  ],
  [
    'a product behind a flattened trunk turns its weights',
    one(
      (graph, x) => {
        const flat = graph.op('Reshape', [graph.op('Relu', [trunk(graph, x)]), graph.ints([-1, 80])]);
        return graph.op('MatMul', [graph.op('Relu', [flat]), graph.weights([80, 5])]);
      },
      { operators: ['Transpose', 'Conv', 'Relu', 'Flatten', 'Relu', 'Gemm'] },
    ),
  ],
]);
