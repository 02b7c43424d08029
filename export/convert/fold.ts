import { elementCount } from '#core/elementCount.ts';
import { operators } from '../onnx/operators/index.ts';
import type { Attributes } from '../onnx/operators/rule.ts';
import type { ConstantData, ElementType, Value } from '../onnx/value.ts';
import { permute } from './tensor.ts';

/** Numbers that are known before a run. */
export interface Folded {
  data: ConstantData;
  shape: number[];
  type: ElementType;
  /** The constant whose own numbers they are, in another order or shape. */
  of?: Value;
}

/** What computes numbers is done only for few: sizes, axes, bounds. ONNX Runtime folds the rest when it loads the file. */
const mostNumbers = 4096;

/** The result has the input's numbers, in the same order. */
const renamed = /^(Flatten|Identity|Reshape|Squeeze|Unsqueeze)$/;

/**
 * Computes an operator before any run, where it is given constants alone or its result follows from shapes.
 *
 * @param dataOf the numbers of a value that is constant.
 * @returns null: a run has to compute it.
 */
export function fold(
  opType: string,
  inputs: (Value | null)[],
  { attributes, dataOf }: { attributes: Attributes; dataOf: (value: Value) => ConstantData | undefined },
): Folded | null {
  const compute = computed[opType];
  if (!compute && !renamed.test(opType) && !/^(Cast|Shape|Transpose)$/.test(opType)) return null;
  const given = inputs.map((value) => value && dataOf(value));
  const isKnown = given.length > 0 && given.every((data) => data !== undefined);
  if (!isKnown && opType !== 'Shape' && !inputs[0]?.elements) return null;
  const [result] = operators[opType]?.infer({ opType, inputs, attributes }) ?? [];
  if (!result?.shape.every((size) => typeof size === 'number')) return null;
  const { type, elements } = result;
  const shape = result.shape as number[];
  if (!isKnown) {
    const known = elements?.every((element) => typeof element === 'number');
    return known ? { data: dataAs(type, elements as number[]), shape, type } : null;
  }
  const [first] = given as [ConstantData];
  const [value] = inputs as [Value];
  if (renamed.test(opType)) return { data: first, shape, type, of: value };
  if (opType === 'Transpose')
    return {
      data: permute(first, value.shape as number[], attributes.perm as number[]),
      shape,
      type,
      of: value,
    };
  if (opType === 'Cast') return { data: cast(first, type), shape, type };
  if (Math.max(elementCount(shape), first.length) > mostNumbers) return null;
  const operands = inputs.map((input, i) => ({
    numbers: Array.from((given[i] ?? []) as ArrayLike<number | bigint>, Number),
    shape: (input?.shape ?? []) as number[],
  }));
  const numbers = compute?.(operands, { shape, attributes, whole: /int/.test(value.type) });
  return numbers ? { data: dataAs(type, numbers), shape, type } : null;
}

interface Operand {
  numbers: number[];
  shape: number[];
}

interface Asked {
  /** Of the result. */
  shape: number[];
  attributes: Attributes;
  /** The first input holds whole numbers. */
  whole: boolean;
}

/** null: not in this form. */
type Compute = (operands: Operand[], asked: Asked) => number[] | null;

/** With NumPy's broadcasting. */
const joint =
  (combine: (a: number, b: number, whole: boolean) => number): Compute =>
  ([a, b], { shape, whole }) => {
    const [left, right] = [spread(a as Operand, shape), spread(b as Operand, shape)];
    return left.map((value, i) => combine(value, right[i] as number, whole));
  };

const each =
  (change: (value: number) => number): Compute =>
  ([only]) =>
    (only as Operand).numbers.map(change);

/** Over all, or over the one axis of a list. */
const overall =
  (combine: (all: number, value: number) => number, start: number): Compute =>
  ([only], { shape }) =>
    elementCount(shape) === 1 ? [(only as Operand).numbers.reduce((all, value) => combine(all, value), start)] : null;

const computed: Record<string, Compute> = {
  Abs: each(Math.abs),
  Add: joint((a, b) => a + b),
  And: joint((a, b) => a && b),
  Ceil: each(Math.ceil),
  Concat: (operands, { shape }) => (shape.length === 1 ? operands.flatMap(({ numbers }) => numbers) : null),
  Div: joint((a, b, whole) => (whole ? Math.trunc(a / b) : a / b)),
  Equal: joint((a, b) => Number(a === b)),
  Expand: ([only], { shape }) => spread(only as Operand, shape),
  Floor: each(Math.floor),
  Gather: ([list, at]) => {
    if (list?.shape.length !== 1) return null;
    return at?.numbers.map((index) => list.numbers.at(index) as number) ?? null;
  },
  Greater: joint((a, b) => Number(a > b)),
  GreaterOrEqual: joint((a, b) => Number(a >= b)),
  Less: joint((a, b) => Number(a < b)),
  LessOrEqual: joint((a, b) => Number(a <= b)),
  Max: (operands, asked) => (operands.length === 2 ? joint((a, b) => Math.max(a, b))(operands, asked) : null),
  Min: (operands, asked) => (operands.length === 2 ? joint((a, b) => Math.min(a, b))(operands, asked) : null),
  Mul: joint((a, b) => a * b),
  Neg: each((value) => -value),
  Not: each((value) => Number(!value)),
  Or: joint((a, b) => a || b),
  Range: ([from, , step], { shape: [count] }) =>
    Array.from({ length: count as number }, (_, i) => (from?.numbers[0] as number) + i * (step?.numbers[0] as number)),
  ReduceMax: overall(Math.max, Number.NEGATIVE_INFINITY),
  ReduceMin: overall(Math.min, Number.POSITIVE_INFINITY),
  ReduceProd: overall((all, value) => all * value, 1),
  ReduceSum: overall((all, value) => all + value, 0),
  Slice: ([list, starts, ends, , steps]) => {
    if (list?.shape.length !== 1 || (steps && steps.numbers[0] !== 1)) return null;
    return list.numbers.slice(starts?.numbers[0], ends?.numbers[0]);
  },
  Sqrt: each(Math.sqrt),
  Sub: joint((a, b) => a - b),
};

function spread({ numbers, shape: from }: Operand, to: number[]): number[] {
  if (elementCount(from) === 1) return Array<number>(elementCount(to)).fill(numbers[0] as number);
  const missing = to.length - from.length;
  const strides = to.map((_, axis) =>
    axis < missing || from[axis - missing] === 1 ? 0 : elementCount(from.slice(axis - missing + 1)),
  );
  return Array.from({ length: elementCount(to) }, (_, i) => {
    let [rest, at] = [i, 0];
    for (let axis = to.length - 1; axis >= 0; axis--) {
      at += (rest % (to[axis] as number)) * (strides[axis] as number);
      rest = Math.floor(rest / (to[axis] as number));
    }
    return numbers[at] as number;
  });
}

function cast(data: ConstantData, type: ElementType): ConstantData {
  return dataAs(type, Array.from(data as ArrayLike<number | bigint>, Number));
}

function dataAs(type: ElementType, numbers: number[]): ConstantData {
  if (type === 'float32') return Float32Array.from(numbers);
  if (type === 'float64') return Float64Array.from(numbers);
  if (type === 'int64') return BigInt64Array.from(numbers, (value) => BigInt(Math.trunc(value)));
  if (type === 'bool') return Uint8Array.from(numbers, (value) => Number(value !== 0));
  return Int32Array.from(numbers);
}
