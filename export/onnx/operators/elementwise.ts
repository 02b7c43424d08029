import type { ElementType } from '../value.ts';
import { elementTypes } from '../value.ts';
import { axisOf, broadcast, inputAt, likeInput, type OperatorRule, type Result } from './rule.ts';

const unary = (attributes: NonNullable<OperatorRule['attributes']> = {}): OperatorRule => ({
  attributes,
  infer: likeInput,
});

/** Something that is so or not of each number. */
const test: OperatorRule = { infer: (node) => [{ type: 'bool', shape: inputAt(node, 0).shape }] };

/** All inputs broadcast; `type`: of the result, default that of the inputs. */
const joint = (type?: ElementType): OperatorRule => ({
  infer(node): Result[] {
    const values = node.inputs.map((_, i) => inputAt(node, i));
    const types = new Set(values.map((value) => value.type));
    if (types.size > 1) {
      throw new TypeError(`Expected inputs of one type for ${node.opType} but received ${[...types].join(', ')}.`);
    }
    const shape = broadcast(values.map((value) => value.shape));
    return [{ type: type ?? inputAt(node, 0).type, shape }];
  },
});

const typeNames = Object.fromEntries(Object.entries(elementTypes).map(([name, number]) => [number, name]));

export const elementwise: Record<string, OperatorRule> = {
  Abs: unary(),
  Acos: unary(),
  Acosh: unary(),
  Asin: unary(),
  Asinh: unary(),
  Atan: unary(),
  Atanh: unary(),
  Ceil: unary(),
  Celu: unary({ alpha: 'float' }),
  Cos: unary(),
  Cosh: unary(),
  Elu: unary({ alpha: 'float' }),
  Erf: unary(),
  Exp: unary(),
  Floor: unary(),
  HardSigmoid: unary({ alpha: 'float', beta: 'float' }),
  HardSwish: unary(),
  Identity: unary(),
  IsInf: test,
  IsNaN: test,
  LRN: unary({ alpha: 'float', beta: 'float', bias: 'float', size: 'int' }),
  LeakyRelu: unary({ alpha: 'float' }),
  Log: unary(),
  LogSoftmax: unary({ axis: 'int' }),
  Neg: unary(),
  Not: unary(),
  PRelu: unary(),
  Reciprocal: unary(),
  Relu: unary(),
  Round: unary(),
  Selu: unary({ alpha: 'float', gamma: 'float' }),
  Shrink: unary({ bias: 'float', lambd: 'float' }),
  Sigmoid: unary(),
  Sign: unary(),
  Sin: unary(),
  Sinh: unary(),
  Softmax: unary({ axis: 'int' }),
  Softplus: unary(),
  Softsign: unary(),
  Sqrt: unary(),
  Tan: unary(),
  Tanh: unary(),
  ThresholdedRelu: unary({ alpha: 'float' }),
  Trilu: unary({ upper: 'int' }),
  Clip: unary(),
  CumSum: unary({ exclusive: 'int', reverse: 'int' }),

  Add: joint(),
  And: joint(),
  Div: joint(),
  Equal: joint('bool'),
  Greater: joint('bool'),
  GreaterOrEqual: joint('bool'),
  Less: joint('bool'),
  LessOrEqual: joint('bool'),
  Max: joint(),
  Mean: joint(),
  Min: joint(),
  Mod: { ...joint(), attributes: { fmod: 'int' } },
  Mul: joint(),
  Or: joint(),
  Pow: joint(),
  Sub: joint(),
  Sum: joint(),

  Cast: {
    attributes: { to: 'int' },
    infer(node) {
      const { shape, elements } = inputAt(node, 0);
      return [{ type: typeNames[node.attributes.to] as ElementType, shape, elements }];
    },
  },
  Where: {
    infer(node) {
      const [condition, a, b] = [inputAt(node, 0), inputAt(node, 1), inputAt(node, 2)];
      return [{ type: a.type, shape: broadcast([condition.shape, a.shape, b.shape]) }];
    },
  },
  BatchNormalization: { attributes: { epsilon: 'float', momentum: 'float' }, infer: likeInput },
  LayerNormalization: {
    attributes: { axis: 'int', epsilon: 'float' },
    infer(node) {
      axisOf(node.attributes.axis, inputAt(node, 0).shape.length);
      return likeInput(node);
    },
  },
};
