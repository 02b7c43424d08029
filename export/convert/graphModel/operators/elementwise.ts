import { z } from 'zod';
import type { Value } from '../../../onnx/value.ts';
import type { Nodes } from '../../nodes.ts';
import { inOrder, sameOrderAs, type Tensor } from '../../tensor.ts';
import { together } from '../axes.ts';
import { defineOperator, floats, type OperatorConverter, OperatorProblem, ofOneType, withType } from '../operator.ts';

// Operators on each number by itself, or on two that stand at the same place.

/** @param real whole numbers become float32 first, as tfjs does for functions of real numbers. */
function unary(make: (nodes: Nodes, value: Value) => Value, { real = true } = {}): OperatorConverter {
  return defineOperator({
    flattened: true,
    convert: ({ nodes, input: given }) => {
      const input = real ? nodes.float(given) : given;
      return sameOrderAs(input, make(nodes, input.value));
    },
  });
}

const single = (opType: string) => (nodes: Nodes, value: Value) => nodes.op(opType, [value]);

/** Of two tensors, broadcast as NumPy does. */
function binary(make: (nodes: Nodes, a: Value, b: Value) => Value, { real = false } = {}): OperatorConverter {
  return defineOperator({
    convert: ({ nodes, inputs }) => {
      const typed = real ? floats(nodes, inputs) : ofOneType(nodes, inputs);
      const { values, order } = together(nodes, typed);
      const [a, b] = values as [Value, Value];
      return inOrder(make(nodes, a, b), order);
    },
  });
}

const joined = (opType: string) => (nodes: Nodes, a: Value, b: Value) => nodes.op(opType, [a, b]);

/** ONNX compares numbers alone. */
const compared = (opType: string, negated = false) =>
  binary((nodes, a, b) => {
    const [left, right] = a.type === 'bool' ? [a, b].map((value) => nodes.cast(value, 'int32')) : [a, b];
    const value = nodes.op(opType, [left as Value, right as Value]);
    return negated ? nodes.op('Not', [value]) : value;
  });

/** Of truth values; numbers count as true where they are not 0. */
const logical = (opType: string) =>
  defineOperator({
    convert: ({ nodes, inputs }) => {
      const { values, order } = together(
        nodes,
        inputs.map((input) => withType(nodes, input, 'bool')),
      );
      return inOrder(nodes.op(opType, values), order);
    },
  });

/** Rounds towards −∞: exact for whole numbers, which float64 holds. */
function floorDivide(nodes: Nodes, a: Value, b: Value): Value {
  if (a.type === 'float32') return nodes.op('Floor', [nodes.op('Div', [a, b])]);
  const [exact, by] = [a, b].map((value) => nodes.cast(value, 'float64')) as [Value, Value];
  return nodes.cast(nodes.op('Floor', [nodes.op('Div', [exact, by])]), a.type);
}

/** tfjs divides whole numbers to whole numbers. */
const divide = (nodes: Nodes, a: Value, b: Value) =>
  a.type === 'float32' ? nodes.op('Div', [a, b]) : floorDivide(nodes, a, b);

/** With the sign of the divisor. */
function modulo(nodes: Nodes, a: Value, b: Value): Value {
  if (a.type === 'int32') return nodes.op('Mod', [a, b]);
  const rest = nodes.op('Mod', [a, b], { fmod: 1 });
  return nodes.op('Mod', [nodes.op('Add', [rest, b]), b], { fmod: 1 });
}

function squaredDifference(nodes: Nodes, a: Value, b: Value): Value {
  const difference = nodes.op('Sub', [a, b]);
  return nodes.op('Mul', [difference, difference]);
}

/** ONNX has the arc tangent of one number alone. */
function atan2(nodes: Nodes, y: Value, x: Value): Value {
  const zero = nodes.scalar(0);
  const isZero = nodes.op('Equal', [x, zero]);
  const quotient = nodes.op('Atan', [nodes.op('Div', [y, nodes.op('Where', [isZero, nodes.scalar(1), x])])]);
  const isBelow = nodes.op('Less', [y, zero]);
  const turn = nodes.op('Where', [isBelow, nodes.scalar(-Math.PI), nodes.scalar(Math.PI)]);
  const turned = nodes.op('Where', [nodes.op('Less', [x, zero]), nodes.op('Add', [quotient, turn]), quotient]);
  const upright = nodes.op('Mul', [nodes.op('Sign', [y]), nodes.scalar(Math.PI / 2)]);
  return nodes.op('Where', [isZero, upright, turned]);
}

const minusOne = (nodes: Nodes, value: Value) => nodes.op('Sub', [value, nodes.scalar(1)]);
const plusOne = (nodes: Nodes, value: Value) => nodes.op('Add', [value, nodes.scalar(1)]);

const clip = defineOperator({
  flattened: true,
  convert: ({ nodes, input, numbers }) => {
    const [low] = numbers(1, 'the lower bound') as [number];
    const [high] = numbers(2, 'the upper bound') as [number];
    const bound = (value: number) =>
      input.value.type === 'int32' ? nodes.constant('bound', Int32Array.of(value), []) : nodes.scalar(value);
    return sameOrderAs(input, nodes.op('Min', [nodes.op('Max', [input.value, bound(low)]), bound(high)]));
  },
});

const addN = defineOperator({
  convert: ({ nodes, inputs }) => {
    const { values, order } = together(nodes, ofOneType(nodes, inputs));
    return inOrder(
      values.reduce((sum, value) => nodes.op('Add', [sum, value])),
      order,
    );
  },
});

/** Whole or real as the first of both. */
const select = defineOperator({
  convert: ({ nodes, inputs }) => {
    const [condition, ...sides] = inputs as [Tensor, Tensor, Tensor];
    const all = [withType(nodes, condition, 'bool'), ...ofOneType(nodes, sides)];
    const { values, order } = together(nodes, all);
    return inOrder(nodes.op('Where', values), order);
  },
});

const leakyRelu = defineOperator({
  attributes: z.object({ alpha: z.number().default(0.2) }),
  flattened: true,
  convert: ({ nodes, input, attributes }) =>
    sameOrderAs(input, nodes.op('LeakyRelu', [nodes.float(input).value], attributes)),
});

/** Slopes are broadcast to the numbers. */
const prelu = defineOperator({
  convert: ({ nodes, inputs }) => {
    const { values, order } = together(nodes, floats(nodes, inputs));
    return inOrder(nodes.op('PRelu', values), order);
  },
});

export const elementwise: Record<string, OperatorConverter> = {
  Abs: defineOperator({
    complex: true,
    flattened: true,
    convert: ({ nodes, input }) =>
      input.imaginary ? magnitude(nodes, input) : sameOrderAs(input, nodes.op('Abs', [input.value])),
  }),
  Acos: unary(single('Acos')),
  Acosh: unary(single('Acosh')),
  Add: binary(joined('Add')),
  AddN: addN,
  AddV2: binary(joined('Add')),
  Asin: unary(single('Asin')),
  Asinh: unary(single('Asinh')),
  Atan: unary(single('Atan')),
  Atan2: binary(atan2, { real: true }),
  Atanh: unary(single('Atanh')),
  BiasAdd: defineOperator({
    attributes: z.object({ data_format: z.enum(['NHWC', 'NWC', 'NDHWC']).default('NHWC') }),
    convert: ({ nodes, inputs }) => {
      const { values, order } = together(nodes, ofOneType(nodes, inputs));
      return inOrder(nodes.op('Add', values), order);
    },
  }),
  Ceil: unary(single('Ceil')),
  ClipByValue: clip,
  ComplexAbs: defineOperator({ complex: true, convert: ({ nodes, input }) => magnitude(nodes, input) }),
  Cos: unary(single('Cos')),
  Cosh: unary(single('Cosh')),
  Div: binary(divide),
  DivNoNan: binary(
    (nodes, a, b) => {
      const isZero = nodes.op('Equal', [b, nodes.scalar(0)]);
      const divisor = nodes.op('Where', [isZero, nodes.scalar(1), b]);
      return nodes.op('Where', [isZero, nodes.scalar(0), nodes.op('Div', [a, divisor])]);
    },
    { real: true },
  ),
  Elu: unary(single('Elu')),
  Equal: compared('Equal'),
  Erf: unary(single('Erf')),
  Exp: unary(single('Exp')),
  Expm1: unary((nodes, value) => minusOne(nodes, nodes.op('Exp', [value]))),
  Floor: unary(single('Floor')),
  FloorDiv: binary(floorDivide),
  FloorMod: binary(modulo),
  Greater: compared('Greater'),
  GreaterEqual: compared('GreaterOrEqual'),
  IsFinite: unary((nodes, value) => {
    const isNot = nodes.op('Or', [nodes.op('IsNaN', [value]), nodes.op('IsInf', [value])]);
    return nodes.op('Not', [isNot]);
  }),
  IsInf: unary(single('IsInf')),
  IsNan: unary(single('IsNaN')),
  LeakyRelu: leakyRelu,
  Less: compared('Less'),
  LessEqual: compared('LessOrEqual'),
  Log: unary(single('Log')),
  Log1p: unary((nodes, value) => nodes.op('Log', [plusOne(nodes, value)])),
  LogicalAnd: logical('And'),
  LogicalNot: unary((nodes, value) => nodes.op('Not', [nodes.cast(value, 'bool')]), { real: false }),
  LogicalOr: logical('Or'),
  Maximum: binary(joined('Max')),
  Minimum: binary(joined('Min')),
  Mod: binary(modulo),
  Mul: binary(joined('Mul')),
  Neg: unary(single('Neg'), { real: false }),
  NotEqual: compared('Equal', true),
  Pow: binary(joined('Pow')),
  Prelu: prelu,
  RealDiv: binary(divide),
  Reciprocal: unary(single('Reciprocal')),
  Relu: unary(single('Relu'), { real: false }),
  Relu6: unary((nodes, value) => nodes.op('Clip', [value, nodes.scalar(0), nodes.scalar(6)])),
  Round: unary(single('Round')),
  Rsqrt: unary((nodes, value) => nodes.op('Reciprocal', [nodes.op('Sqrt', [value])])),
  Select: select,
  SelectV2: select,
  Selu: unary(single('Selu')),
  Sigmoid: unary(single('Sigmoid')),
  Sign: unary(single('Sign')),
  Sin: unary(single('Sin')),
  Sinh: unary(single('Sinh')),
  Softplus: unary(single('Softplus')),
  Sqrt: unary(single('Sqrt')),
  Square: unary((nodes, value) => nodes.op('Mul', [value, value]), { real: false }),
  SquaredDifference: binary(squaredDifference),
  Sub: binary(joined('Sub')),
  Tan: unary(single('Tan')),
  Tanh: unary(single('Tanh')),
};

function magnitude(nodes: Nodes, { value, imaginary, order }: Tensor): Tensor {
  if (!imaginary) throw new OperatorProblem('its input is expected to hold complex numbers');
  const squares = [value, imaginary].map((part) => nodes.op('Mul', [part, part]));
  return inOrder(nodes.op('Sqrt', [nodes.op('Add', squares)]), order);
}
