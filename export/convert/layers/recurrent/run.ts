import { GraphBuilder, type Value } from '../../../onnx/graph.ts';
import type { Dimension } from '../../../onnx/value.ts';
import type { Nodes } from '../../nodes.ts';
import type { Cell } from './cell.ts';

export interface Sequence {
  nodes: Nodes;
  cell: Cell;
  /** `[T, B, …]`. */
  x: Value;
  /** Of the first step; empty: zeros. */
  initial: Value[];
  /** `[T, B]` bool: where it is off, a step repeats the output and the states before it. */
  mask: Value | null;
  /** From the last step to the first. */
  backwards: boolean;
  /** Whether every step's output is wanted. */
  sequences: boolean;
}

export interface Walked {
  /** `[T, B, …]` in the order of `x`, where it was wanted. */
  outputs: Value | null;
  /** `[B, …]` after the last step; the first is the last output. */
  states: Value[];
}

/** Walks a cell over time: as ONNX's own operator where there is one for it, else as a loop over steps. */
export function walk(sequence: Sequence): Walked {
  const { cell, mask } = sequence;
  return cell.operator && !mask ? byOperator(sequence) : byScan(sequence);
}

function byOperator({ nodes, cell, x, initial, backwards, sequences }: Sequence): Walked {
  const { opType, weights, attributes } = cell.operator as NonNullable<Cell['operator']>;
  const [[units]] = cell.states as [[number]];
  const [kernel, recurrent, bias = null] = weights as [Value, Value, Value?];
  const states = initial.map((state) => nodes.op('Unsqueeze', [state, nodes.integers(0)], {}, 'initial'));
  const inputs = [x, kernel, recurrent, bias, null, ...states];
  while (inputs.at(-1) === null) inputs.pop();
  const [all, ...last] = nodes.ops(opType, inputs, {
    hidden_size: units,
    ...(backwards && { direction: 'reverse' }),
    ...attributes,
  }) as [Value, ...Value[]];
  return {
    outputs: sequences ? nodes.op('Squeeze', [all, nodes.integers(1)], {}, 'sequence') : null,
    states: last.map((state) => nodes.op('Squeeze', [state, nodes.integers(0)], {}, 'last')),
  };
}

function byScan({ nodes, cell, x, initial, mask, backwards, sequences }: Sequence): Walked {
  const states = initial.length > 0 ? initial : cell.states.map((sizes) => nodes.zeros(x, 1, sizes));
  const body = new GraphBuilder({ name: `${nodes.name}/step` });
  const inside = nodes.in(body);
  const batch = x.shape[1] as Dimension;
  const before = cell.states.map((sizes, i) =>
    body.input({ name: `${nodes.name}/state_${i}`, type: 'float32', shape: [batch, ...sizes] }),
  );
  const now = body.input({ name: `${nodes.name}/input`, type: 'float32', shape: x.shape.slice(1) });
  const counts = mask && body.input({ name: `${nodes.name}/counts`, type: 'bool', shape: [batch] });
  let { output, states: after } = cell.step(inside, now, before);
  if (counts) {
    const rank = (cell.states[0] as Dimension[]).length;
    const kept = inside.op('Unsqueeze', [counts, inside.integers(...Array.from({ length: rank }, (_, i) => i + 1))]);
    const chosen = (next: Value, old: Value) => inside.op('Where', [kept, next, old]);
    output = chosen(output, before[0] as Value);
    after = after.map((next, i) => (next === output ? output : chosen(next, before[i] as Value)));
  }
  after.forEach((state, i) => {
    body.output(state, `${nodes.name}/next_state_${i}`);
  });
  if (sequences) body.output(output, `${nodes.name}/output`);
  const scanned = mask ? [x, mask] : [x];
  const reversed = backwards ? 1 : 0;
  const results = nodes.ops('Scan', [...states, ...scanned], {
    body,
    num_scan_inputs: scanned.length,
    scan_input_directions: scanned.map(() => reversed),
    ...(sequences && { scan_output_directions: [reversed] }),
  });
  const outputs = sequences ? (results.at(-1) as Value) : null;
  return { outputs, states: results.slice(0, states.length) };
}
