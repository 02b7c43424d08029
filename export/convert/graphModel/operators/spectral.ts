import type { Dimension, Value } from '../../../onnx/value.ts';
import type { Nodes } from '../../nodes.ts';
import { inOrder, plain, shapeOf, type Tensor } from '../../tensor.ts';
import { defineOperator, type OperatorConverter, OperatorProblem } from '../operator.ts';

// Fourier transforms over the last axis, and complex numbers, of which real and imaginary parts are tensors of their own.

/** ONNX has complex numbers as pairs along an axis after all others; `rows`: `[N, length]` of each part. */
function transform(nodes: Nodes, parts: Value[], attributes: { inverse?: number; onesided?: number }): Value[] {
  const columns = parts.map((rows) => nodes.op('Unsqueeze', [rows, nodes.integers(-1)]));
  const pairs = columns.length > 1 ? nodes.op('Concat', columns, { axis: 2 }, 'pairs') : (columns[0] as Value);
  const result = nodes.op('DFT', [pairs], { axis: 1, ...attributes });
  return [0, 1].map((part) => nodes.op('Gather', [result, nodes.integer(part)], { axis: 2 }, 'part'));
}

/** The last axis apart from all others, which become one. */
function rowsOf(nodes: Nodes, value: Value): Value {
  const length = value.shape.at(-1);
  if (typeof length !== 'number') throw new OperatorProblem('how many numbers it transforms is known to a run alone');
  return nodes.op('Reshape', [value, nodes.integers(-1, length)], {}, 'rows');
}

/** The reverse of {@link rowsOf}. */
function apart(nodes: Nodes, rows: Value, like: Value): Value {
  const shape: (Dimension | null)[] = [...like.shape.slice(0, -1), rows.shape.at(-1) as Dimension];
  if (shape.filter((size) => typeof size !== 'number').length < 2) return nodes.reshape(rows, shape);
  const outer = nodes.op('Shape', [like], { start: 0, end: like.shape.length - 1 }, 'outer');
  const sizes = nodes.op('Concat', [outer, nodes.integers(rows.shape.at(-1) as number)], { axis: 0 }, 'shape');
  return nodes.op('Reshape', [rows, sizes]);
}

function complexParts(nodes: Nodes, { value, imaginary, order }: Tensor): [Value, Value] {
  if (!imaginary) throw new OperatorProblem('its input is expected to hold complex numbers');
  return [value, imaginary].map((part) => nodes.plain(inOrder(part, order))) as [Value, Value];
}

function complex([real, imaginary]: Value[]): Tensor {
  return { ...plain(real as Value), imaginary: imaginary as Value };
}

/** @param index of the input that says how many numbers are transformed; tfjs takes all that are there. */
function expectWhole(numbers: number[] | null, length: Dimension | undefined): void {
  const [asked = length] = numbers ?? [];
  if (asked !== length)
    throw new OperatorProblem(`it transforms ${asked} of ${length} numbers, which tfjs does not do`);
}

const rfft = defineOperator({
  convert: ({ nodes, input: given, numbersOrNull }) => {
    const input = nodes.float(given);
    expectWhole(numbersOrNull(1), shapeOf(input).at(-1));
    const value = nodes.plain(input);
    const parts = transform(nodes, [rowsOf(nodes, value)], { onesided: 1 });
    return complex(parts.map((part) => apart(nodes, part, value)));
  },
});

const fft = (inverse: number) =>
  defineOperator({
    complex: true,
    convert: ({ nodes, input }) => {
      const given = complexParts(nodes, input);
      const parts = transform(
        nodes,
        given.map((part) => rowsOf(nodes, part)),
        { inverse },
      );
      return complex(parts.map((part) => apart(nodes, part, given[0])));
    },
  });

/** The half that is missing mirrors the other, its imaginary parts turned. */
const irfft = defineOperator({
  complex: true,
  convert: ({ nodes, input, numbersOrNull }) => {
    const given = complexParts(nodes, input);
    const half = given[0].shape.at(-1) as number;
    expectWhole(numbersOrNull(1), 2 * (half - 1));
    const whole = given.map((part, i) => {
      const rows = rowsOf(nodes, part);
      const inputs = [rows, nodes.integers(half - 2), nodes.integers(0), nodes.integers(1), nodes.integers(-1)];
      const mirrored = nodes.op('Slice', inputs, {}, 'mirrored');
      return nodes.op('Concat', [rows, i === 0 ? mirrored : nodes.op('Neg', [mirrored])], { axis: 1 }, 'whole');
    });
    return plain(apart(nodes, transform(nodes, whole, { inverse: 1 })[0] as Value, given[0]));
  },
});

export const spectral: Record<string, OperatorConverter> = {
  Complex: defineOperator({
    convert: ({ nodes, inputs }) => complex(inputs.map((input) => nodes.plain(nodes.float(input)))),
  }),
  FFT: fft(0),
  IFFT: fft(1),
  IRFFT: irfft,
  Imag: defineOperator({
    complex: true,
    convert: ({ nodes, input }) => plain(complexParts(nodes, input)[1]),
  }),
  RFFT: rfft,
  Real: defineOperator({
    complex: true,
    convert: ({ nodes, input }) => plain(complexParts(nodes, input)[0]),
  }),
};
