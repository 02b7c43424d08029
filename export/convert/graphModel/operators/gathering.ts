import { z } from 'zod';
import type { Value } from '../../../onnx/value.ts';
import type { Nodes } from '../../nodes.ts';
import { axisIn, inOrder, plain, rankOf, shapeOf, type Tensor } from '../../tensor.ts';
import { positive } from '../axes.ts';
import { asIntegers, defineOperator, type OperatorConverter, OperatorProblem, withType } from '../operator.ts';

// Operators that look numbers up by their place, and put them there.

function gathered(nodes: Nodes, input: Tensor, indices: Tensor, axis: number): Tensor {
  const size = shapeOf(input)[axis];
  if (indices.input && typeof size === 'number')
    indices.input.below = Math.min(indices.input.below ?? Number.POSITIVE_INFINITY, size);
  const places = nodes.plain(withType(nodes, indices, 'int32'));
  const count = places.shape.length;
  if (count === 1)
    return inOrder(nodes.op('Gather', [input.value, places], { axis: axisIn(input, axis) }), input.order);
  return plain(nodes.op('Gather', [nodes.plain(input), places], { axis }));
}

const gather = defineOperator({
  attributes: z.object({ batch_dims: z.number().default(0) }),
  convert: ({ nodes, inputs, numbersOrNull, attributes }) => {
    const [input, indices] = inputs as [Tensor, Tensor];
    const [given = 0] = numbersOrNull(2) ?? [];
    const axis = positive(given, rankOf(input));
    const batches = positive(attributes.batch_dims, rankOf(indices) + 1);
    if (batches === 0) return gathered(nodes, input, indices, axis);
    if (batches !== axis) throw new OperatorProblem(`it looks up along axis ${axis} behind ${batches} of batches`);
    const places = nodes.op('Unsqueeze', [nodes.cast(nodes.plain(indices), 'int64'), nodes.integers(-1)]);
    return plain(nodes.op('GatherND', [nodes.plain(input), places], { batch_dims: batches }));
  },
});

const gatherNd = defineOperator({
  convert: ({ nodes, inputs }) => {
    const [input, indices] = inputs.map((one) => nodes.plain(one)) as [Value, Value];
    return plain(nodes.op('GatherND', [input, nodes.cast(indices, 'int64')]));
  },
});

/** A tensor of one number, as large as the shape says. */
function filled(nodes: Nodes, value: Value, shape: Value): Value {
  return nodes.op('Expand', [value, shape], {}, 'filled');
}

function zeroLike(nodes: Nodes, value: Value): Value {
  return nodes.constant('zero', value.type === 'float32' ? Float32Array.of(0) : Int32Array.of(0), []);
}

/** Numbers at the same place are added up. */
const scatterNd = defineOperator({
  convert: (call) => {
    const { nodes, inputs } = call;
    const [indices, values] = inputs.map((one) => nodes.plain(one)) as [Value, Value];
    const whole = filled(nodes, zeroLike(nodes, values), asIntegers(call, 2));
    return plain(nodes.op('ScatterND', [whole, nodes.cast(indices, 'int64'), values], { reduction: 'add' }));
  },
});

const scatterUpdate = defineOperator({
  convert: ({ nodes, inputs }) => {
    const [input, indices, values] = inputs.map((one) => nodes.plain(one)) as [Value, Value, Value];
    return plain(nodes.op('ScatterND', [input, nodes.cast(indices, 'int64'), values]));
  },
});

/** Places as `[N, rank]`, or `[N]` of a list; one number for all or one each. */
const sparseToDense = defineOperator({
  convert: (call) => {
    const { nodes, inputs } = call;
    const [indices, , values] = inputs.map((one) => nodes.plain(one)) as [Value, Value, Value];
    const other = nodes.cast(nodes.plain(inputs[3] as Tensor), values.type);
    const places = nodes.cast(indices, 'int64');
    const missing = 2 - places.shape.length;
    const axes = [-1, ...(missing > 1 ? [-2] : [])];
    const columns = missing > 0 ? nodes.op('Unsqueeze', [places, nodes.integers(...axes)]) : places;
    const count = nodes.op('Shape', [columns], { start: 0, end: 1 }, 'count');
    const each = values.shape.length === 0 ? nodes.op('Expand', [values, count], {}, 'each') : values;
    return plain(nodes.op('ScatterND', [filled(nodes, other, asIntegers(call, 1)), columns, each]));
  },
});

/** Rows that are looked up, added up by segment: the last segment says how many there are. */
const segments = (mean: boolean) =>
  defineOperator({
    convert: ({ nodes, inputs }) => {
      const [input, indices, ids] = inputs.map((one) => nodes.plain(one)) as [Value, Value, Value];
      const rows = nodes.op('Gather', [input, indices], { axis: 0 }, 'rows');
      const places = nodes.op('Unsqueeze', [nodes.cast(ids, 'int64'), nodes.integers(-1)], {}, 'places');
      const last = nodes.op('ReduceMax', [nodes.cast(ids, 'int64')], { axes: [0], keepdims: 1 }, 'last');
      const count = nodes.op('Add', [last, nodes.integers(1)], {}, 'count');
      const inside = nodes.op('Shape', [input], { start: 1 }, 'inside');
      const shape = nodes.op('Concat', [count, inside], { axis: 0 }, 'shape');
      const none = filled(nodes, zeroLike(nodes, input), shape);
      const sums = nodes.op('ScatterND', [none, places, rows], { reduction: 'add' }, 'sums');
      if (!mean) return plain(sums);
      const ones = nodes.op('Expand', [nodes.scalar(1), nodes.op('Shape', [ids])], {}, 'ones');
      const zeros = nodes.op('Expand', [nodes.scalar(0), count], {}, 'zeros');
      const counts = nodes.op('ScatterND', [zeros, places, ones], { reduction: 'add' }, 'counts');
      const divisor = nodes.op('Max', [counts, nodes.scalar(1)]);
      const axes = input.shape.slice(1).map((_, i) => i + 1);
      const wide = axes.length > 0 ? nodes.op('Unsqueeze', [divisor, nodes.integers(...axes)]) : divisor;
      return plain(nodes.op('Div', [sums, wide]));
    },
  });

/** Where a truth value holds: a row of places each. */
const where = defineOperator({
  convert: ({ nodes, input }) => {
    const places = nodes.op('NonZero', [nodes.plain(withType(nodes, input, 'bool'))]);
    return plain(nodes.cast(nodes.op('Transpose', [places], { perm: [1, 0] }), 'int32'));
  },
});

const topK = defineOperator({
  attributes: z.object({ sorted: z.boolean().default(true) }),
  convert: (call) => {
    const { nodes, input } = call;
    const known = call.numbersOrNull(1);
    const count = known ? nodes.integers(...known) : nodes.reshape(asIntegers(call, 1), [1]);
    const [values, places] = nodes.ops('TopK', [nodes.plain(input), count], { axis: -1 }) as [Value, Value];
    return [plain(values), plain(nodes.cast(places, 'int32'))];
  },
});

/** Boxes that overlap a better one are left out. */
const suppression = (version: 2 | 3 | 4 | 5) =>
  defineOperator({
    attributes: z.object({ pad_to_max_output_size: z.literal(false).optional() }),
    convert: ({ nodes, inputs, numbers }) => {
      const [most] = numbers(2, 'how many boxes it keeps') as [number];
      const [overlap] = numbers(3, 'the largest overlap') as [number];
      const [score = Number.NEGATIVE_INFINITY] = version > 2 ? numbers(4, 'the lowest score') : [];
      const [sigma = 0] = version === 5 ? numbers(5, 'how softly it suppresses') : [];
      if (sigma !== 0) throw new OperatorProblem(`it suppresses softly (sigma ${sigma})`);
      const [boxes, scores] = inputs.map((one) => nodes.plain(one)) as [Value, Value];
      const rows = nodes.op('NonMaxSuppression', [
        nodes.op('Unsqueeze', [boxes, nodes.integers(0)]),
        nodes.op('Unsqueeze', [scores, nodes.integers(0, 1)]),
        nodes.integers(most),
        nodes.constant('overlap', Float32Array.of(overlap), [1]),
        ...(score > Number.NEGATIVE_INFINITY ? [nodes.constant('score', Float32Array.of(score), [1])] : []),
      ]);
      const kept = nodes.op('Gather', [rows, nodes.integer(2)], { axis: 1 }, 'kept');
      const places = plain(nodes.cast(kept, 'int32'));
      if (version === 5) return [places, plain(nodes.op('Gather', [scores, kept], { axis: 0 }, 'scores'))];
      if (version < 4) return places;
      const count = nodes.op('Squeeze', [nodes.op('Shape', [kept]), nodes.integers(0)], {}, 'count');
      return [places, plain(nodes.cast(count, 'int32'))];
    },
  });

export const gathering: Record<string, OperatorConverter> = {
  Gather: gather,
  GatherNd: gatherNd,
  GatherV2: gather,
  NonMaxSuppressionV2: suppression(2),
  NonMaxSuppressionV3: suppression(3),
  NonMaxSuppressionV4: suppression(4),
  NonMaxSuppressionV5: suppression(5),
  ScatterNd: scatterNd,
  SparseSegmentMean: segments(true),
  SparseSegmentSum: segments(false),
  SparseToDense: sparseToDense,
  TensorScatterUpdate: scatterUpdate,
  TopKV2: topK,
  Where: where,
};
