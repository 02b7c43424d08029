import type { Dimension } from '../value.ts';
import { broadcast, inputAt, numbersAt, type OperatorRule } from './rule.ts';

export const linear: Record<string, OperatorRule> = {
  DFT: {
    attributes: { axis: 'int', inverse: 'int', onesided: 'int' },
    /** Real and imaginary parts lie along the last axis. */
    infer(node) {
      const { type, shape } = inputAt(node, 0);
      const { axis = 1, onesided = 0 } = node.attributes;
      const [given = null] = node.inputs[1] ? (numbersAt(node, 1) ?? []) : [shape[axis] as Dimension];
      const length = onesided && typeof given === 'number' ? Math.floor(given / 2) + 1 : onesided ? null : given;
      return [{ type, shape: [...(shape as (Dimension | null)[]).slice(0, -1).with(axis, length), 2] }];
    },
  },
  Einsum: {
    attributes: { equation: 'string' },
    infer(node) {
      const [left = '', right = ''] = (node.attributes.equation as string).replaceAll(' ', '').split('->');
      const sizes = new Map<string, Dimension>();
      left.split(',').forEach((letters, i) => {
        for (const [at, letter] of [...letters].entries()) sizes.set(letter, inputAt(node, i).shape[at] as Dimension);
      });
      return [{ type: inputAt(node, 0).type, shape: [...right].map((letter) => sizes.get(letter) ?? null) }];
    },
  },
  Gemm: {
    attributes: { alpha: 'float', beta: 'float', transA: 'int', transB: 'int' },
    infer(node) {
      const { transA = 0, transB = 0 } = node.attributes;
      const [a, b] = [inputAt(node, 0), inputAt(node, 1)];
      agree(a.shape[transA ? 0 : 1], b.shape[transB ? 1 : 0], node.opType);
      return [{ type: a.type, shape: [a.shape[transA ? 1 : 0] as Dimension, b.shape[transB ? 0 : 1] as Dimension] }];
    },
  },
  MatMul: {
    infer(node) {
      const [a, b] = [inputAt(node, 0), inputAt(node, 1)];
      const [rows, inner] = a.shape.slice(-2) as [Dimension, Dimension];
      const [innerB, columns] = b.shape.slice(-2) as [Dimension, Dimension];
      agree(inner, innerB, node.opType);
      return [{ type: a.type, shape: [...broadcast([a.shape.slice(0, -2), b.shape.slice(0, -2)]), rows, columns] }];
    },
  },
};

function agree(a: Dimension | undefined, b: Dimension | undefined, opType: string): void {
  if (typeof a === 'number' && typeof b === 'number' && a !== b) {
    throw new TypeError(`Expected the inner sizes of ${opType} to be the same but they are ${a} and ${b}.`);
  }
}
