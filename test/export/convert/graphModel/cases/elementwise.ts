import type { Case } from '../parity.ts';

const pixels = { shape: [null, 4, 3, 5] };
const whole = (high = 7) => ({ shape: [null, 6], dtype: 'DT_INT32' as const, high });
const truth = { shape: [null, 6], dtype: 'DT_BOOL' as const };

const unary = (op: string, low = -1, high = 1): [string, Case] => [
  op,
  { inputs: [{ shape: [null, 6], low, high }], build: (graph, x) => graph.op(op, [x]) },
];
const binary = (op: string, low = -1, high = 1): [string, Case] => [
  op,
  {
    inputs: [
      { ...pixels, low, high },
      { shape: [3, 1], low, high },
    ],
    build: (graph, x, y) => graph.op(op, [x, y]),
  },
];
/** From −7 to 6 by 1 to 7 and their opposites. */
const wholeNumbers = (op: string): [string, Case] => [
  `${op} of whole numbers`,
  {
    inputs: [whole(14), whole(7), { shape: [null, 6], low: -1, high: 1 }],
    build: (graph, x, y, sign) => {
      const shifted = graph.op('Sub', [x, graph.ints(7)]);
      const turned = graph.op('Sub', [
        graph.op('Mul', [
          graph.op('Cast', [graph.op('Greater', [sign, graph.floats(0)])], { DstT: 'DT_INT32' }),
          graph.ints(2),
        ]),
        graph.ints(1),
      ]);
      return graph.op(op, [shifted, graph.op('Mul', [graph.op('AddV2', [y, graph.ints(1)]), turned])]);
    },
  },
];
const compared = (op: string): [string, Case][] => [
  [op, { inputs: [whole(3), whole(3)], build: (graph, x, y) => graph.op(op, [x, y]) }],
  [`${op} with a number`, { inputs: [pixels], build: (graph, x) => graph.op(op, [x, graph.floats(0.1)]) }],
];
const logical = (op: string): [string, Case] => [
  op,
  { inputs: [truth, truth], build: (graph, x, y) => graph.op(op, [x, y]) },
];

export const elementwise: Record<string, Case> = Object.fromEntries<Case>([
  unary('Abs'),
  unary('Acos'),
  unary('Acosh', 1, 5),
  unary('Asin'),
  unary('Asinh', -3, 3),
  unary('Atan', -5, 5),
  unary('Atanh', -0.9, 0.9),
  unary('Ceil', -5, 5),
  unary('Cos', -5, 5),
  unary('Cosh', -2, 2),
  unary('Elu', -3, 3),
  unary('Erf', -3, 3),
  unary('Exp', -3, 3),
  unary('Expm1', -2, 2),
  unary('Floor', -5, 5),
  unary('Log', 0.01, 5),
  unary('Log1p', -0.5, 5),
  unary('Neg'),
  unary('Reciprocal', 0.2, 2),
  unary('Relu'),
  unary('Relu6', -3, 9),
  unary('Round', -5, 5),
  unary('Rsqrt', 0.1, 5),
  unary('Selu', -3, 3),
  unary('Sigmoid', -5, 5),
  unary('Sign'),
  unary('Sin', -5, 5),
  unary('Sinh', -2, 2),
  unary('Softplus', -5, 5),
  unary('Sqrt', 0, 5),
  unary('Square'),
  unary('Tan', -1, 1),
  unary('Tanh', -3, 3),
  unary('LeakyRelu', -3, 3),
  binary('Add'),
  binary('AddV2'),
  binary('Atan2'),
  binary('Div', 0.5, 2),
  binary('DivNoNan', 0.5, 2),
  binary('FloorDiv', 0.5, 2),
  binary('FloorMod', -3, 3),
  binary('Maximum'),
  binary('Minimum'),
  binary('Mod', -3, 3),
  binary('Mul'),
  binary('Pow', 0.2, 2),
  binary('RealDiv', 0.5, 2),
  binary('SquaredDifference'),
  binary('Sub'),
  wholeNumbers('Add'),
  wholeNumbers('Div'),
  wholeNumbers('FloorDiv'),
  wholeNumbers('FloorMod'),
  wholeNumbers('Maximum'),
  wholeNumbers('Minimum'),
  wholeNumbers('RealDiv'),
  wholeNumbers('SquaredDifference'),
  ...compared('Equal'),
  ...compared('NotEqual'),
  ...compared('Greater'),
  ...compared('GreaterEqual'),
  ...compared('Less'),
  ...compared('LessEqual'),
  logical('LogicalAnd'),
  logical('LogicalOr'),
  ['LogicalNot', { inputs: [truth], build: (graph, x) => graph.op('LogicalNot', [x]) }],
  ['Equal of truth values', { inputs: [truth, truth], build: (graph, x, y) => graph.op('Equal', [x, y]) }],
  [
    'Atan2 at 0',
    {
      inputs: [{ shape: [null, 6] }],
      build: (graph, x) => graph.op('Atan2', [x, graph.floats([0, -1, 1, 0, -2, 2])]),
    },
  ],
  [
    'DivNoNan by 0',
    { inputs: [{ shape: [null, 3] }], build: (graph, x) => graph.op('DivNoNan', [x, graph.floats([0, 2, -1])]) },
  ],
  [
    'LeakyRelu of its own slope',
    { inputs: [pixels], build: (graph, x) => graph.op('LeakyRelu', [x], { alpha: 0.05 }) },
  ],
  ['AddN', { inputs: [pixels, pixels, pixels], build: (graph, x, y, z) => graph.op('AddN', [x, y, z]) }],
  ['BiasAdd', { inputs: [pixels], build: (graph, x) => graph.op('BiasAdd', [x, graph.weights([5])]) }],
  [
    'ClipByValue',
    { inputs: [pixels], build: (graph, x) => graph.op('ClipByValue', [x, graph.floats(-0.3), graph.floats(0.4)]) },
  ],
  [
    'ClipByValue of whole numbers',
    { inputs: [whole()], build: (graph, x) => graph.op('ClipByValue', [x, graph.ints(2), graph.ints(5)]) },
  ],
  ['Prelu', { inputs: [pixels], build: (graph, x) => graph.op('Prelu', [x, graph.weights([5])]) }],
  [
    'PReLU as MediaPipe has it',
    {
      inputs: [pixels],
      build: (graph, x) => {
        const below = graph.op('Relu', [graph.op('Neg', [x])]);
        return graph.op('AddV2', [graph.op('Relu', [x]), graph.op('Mul', [graph.weights([1, 1, 5]), below])]);
      },
    },
  ],
  [
    'hard swish as MobileNet v3 has it',
    {
      inputs: [{ ...pixels, low: -5, high: 5 }],
      build: (graph, x) => {
        const clipped = graph.op('Relu6', [graph.op('AddV2', [x, graph.floats(3)])]);
        return graph.op('Mul', [x, graph.op('Mul', [clipped, graph.floats(1 / 6)])]);
      },
    },
  ],
  ['Select', { inputs: [truth, whole(), whole()], build: (graph, c, x, y) => graph.op('Select', [c, x, y]) }],
  [
    'SelectV2',
    {
      inputs: [{ shape: [3, 1], dtype: 'DT_BOOL' }, pixels],
      build: (graph, c, x) => graph.op('SelectV2', [c, x, graph.floats(0)]),
    },
  ],
  ...['IsNan', 'IsInf', 'IsFinite'].map((op): [string, Case] => [
    op,
    {
      inputs: [{ shape: [null, 4] }],
      build: (graph, x) =>
        graph.op(op, [
          graph.op('Mul', [
            graph.op('Abs', [x]),
            graph.floats([1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2]),
          ]),
        ]),
    },
  ]),
  [
    'whole and real numbers together are real',
    { inputs: [whole(), { shape: [null, 6] }], build: (graph, x, y) => graph.op('Mul', [x, y]) },
  ],
  [
    'Relu of whole numbers',
    { inputs: [whole()], build: (graph, x) => graph.op('Relu', [graph.op('Sub', [x, graph.ints(3)])]) },
  ],
]);
