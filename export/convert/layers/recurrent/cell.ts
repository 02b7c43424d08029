import type { Dimension, Value } from '../../../onnx/value.ts';
import type { Nodes } from '../../nodes.ts';

/** What a recurrent layer computes at each step. */
export interface Cell {
  /** Sizes of each state of one sample, the output's first. */
  states: Dimension[][];
  /** One step as nodes. @param x of one time, the batch first. */
  step(nodes: Nodes, x: Value, states: Value[]): { output: Value; states: Value[] };
  /** The same as one ONNX operator over all steps; undefined: ONNX has none with these activations. */
  operator?: RecurrentOperator | undefined;
}

export interface RecurrentOperator {
  opType: 'RNN' | 'GRU' | 'LSTM';
  /** Kernel, recurrent kernel and bias as the operator wants them. */
  weights: Value[];
  attributes: Record<string, unknown>;
}
