import { z } from 'zod';
import { InputError } from '#core/errors.ts';
import { type Attributes, type PartialShape, readAttributes, readShape } from './attributes.ts';

/** One of TensorFlow's operators at work in a graph. */
export interface GraphNode {
  name: string;
  operator: string;
  inputs: Reference[];
  attributes: Attributes;
}

/** One of a node's results. */
export interface Reference {
  node: GraphNode;
  result: number;
}

/** What of a frozen graph its outputs need. */
export interface FrozenGraph {
  /** Each after those it reads, but around loops. */
  nodes: GraphNode[];
  inputs: { name: string; node: GraphNode; shape: PartialShape | undefined }[];
  outputs: { name: string; of: Reference }[];
}

export const graphDefSchema = z.object({
  node: z.array(
    z.object({
      name: z.string(),
      op: z.string(),
      input: z.array(z.string()).nullish(),
      attr: z.record(z.string(), z.unknown()).nullish(),
    }),
  ),
});
export type GraphDef = z.infer<typeof graphDefSchema>;

const entries = z.record(
  z.string(),
  z.object({ name: z.string().nullish(), tensorShape: z.unknown().optional() }).loose(),
);
export const signatureSchema = z.object({ inputs: entries.nullish(), outputs: entries.nullish() });
export type Signature = z.infer<typeof signatureSchema>;

/**
 * @param signature names of inputs and outputs; without it, inputs are the placeholders, and outputs what no node reads.
 * @param where the file, for messages.
 * @throws {InputError} for a node that is named and not there, or nodes that read one another in a circle.
 */
export function readGraphDef(graph: GraphDef, signature: Signature, where: string): FrozenGraph {
  const nodes = new Map<string, GraphNode>();
  for (const { name, op, attr } of graph.node) {
    if (nodes.has(name)) throw new InputError(`Expected each node of ${where} once but "${name}" is there twice.`);
    nodes.set(name, { name, operator: op, inputs: [], attributes: readAttributes(attr ?? {}) });
  }
  const find = (reference: string, reader: string): Reference => {
    const [name = '', ...rest] = reference.split(':');
    const node = nodes.get(name);
    if (node) return { node, result: Number(rest.at(-1) ?? 0) };
    throw new InputError(`Expected the node "${name}" in ${where}, which ${reader} reads, but it is missing.`);
  };
  const read = new Set<GraphNode>();
  for (const { name, input } of graph.node) {
    const node = nodes.get(name) as GraphNode;
    // "^name" says when a node runs, and hands on nothing
    node.inputs = (input ?? []).filter((one) => !one.startsWith('^')).map((one) => find(one, `"${name}"`));
    for (const { node: source } of node.inputs) read.add(source);
  }
  const named = Object.entries(signature.outputs ?? {});
  const outputs =
    named.length > 0
      ? named.map(([key, { name }]) => ({ name: withoutResult(key), of: find(name ?? key, 'the signature') }))
      : [...nodes.values()]
          .filter((node) => !read.has(node) && !/^(Const|NoOp|Placeholder)/.test(node.operator))
          .map((node) => ({ name: node.name, of: { node, result: 0 } }));
  if (outputs.length === 0) throw new InputError(`Expected nodes that give something in ${where} but there are none.`);
  const needed = inOrder(
    outputs.map(({ of }) => of.node),
    where,
  );
  const asked = Object.entries(signature.inputs ?? {}).map(([key, { name, tensorShape }]) => {
    const { node } = find(name ?? key, 'the signature');
    return { name: withoutResult(key), node, shape: tensorShape === undefined ? undefined : readShape(tensorShape) };
  });
  const isAsked = (node: GraphNode) => asked.some((one) => one.node === node);
  const others = needed
    .filter((node) => node.operator === 'Placeholder' && !isAsked(node))
    .map((node) => ({ name: node.name, node, shape: undefined }));
  return { nodes: needed, inputs: [...asked, ...others], outputs };
}

/** The signatures of converters call a tensor `x:0`. */
function withoutResult(name: string): string {
  return name.replace(/:0$/, '');
}

/** Everything that the outputs need, each node after those it reads. With a list of its own: graphs are thousands of nodes deep. */
function inOrder(outputs: GraphNode[], where: string): GraphNode[] {
  const done = new Set<GraphNode>();
  const open = new Set<GraphNode>();
  const stack = [...outputs].reverse();
  while (stack.length > 0) {
    const node = stack.at(-1) as GraphNode;
    if (done.has(node)) {
      stack.pop();
      continue;
    }
    // What a loop hands to its next round is no circle.
    const sources = node.operator === 'NextIteration' ? [] : node.inputs.map((input) => input.node);
    const missing = sources.filter((source) => !done.has(source));
    if (missing.length === 0) {
      done.add(node);
      open.delete(node);
      stack.pop();
      continue;
    }
    if (open.has(node)) {
      throw new InputError(`Expected nodes without a circle in ${where} but "${node.name}" needs its own result.`);
    }
    open.add(node);
    stack.push(...missing.reverse());
  }
  return [...done];
}
