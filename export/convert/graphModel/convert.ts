import { InputError } from '#core/errors.ts';
import type { Dimension, GraphBuilder, Value } from '../../onnx/graph.ts';
import { shapeText } from '../../onnx/value.ts';
import { Nodes, type Shared, sharedBy } from '../nodes.ts';
import { plain, type Tensor } from '../tensor.ts';
import type { GraphNode, Reference } from './graphDef.ts';
import type { GraphModel } from './graphModel.ts';
import { type OperatorConverter, OperatorProblem } from './operator.ts';
import { operatorConverters } from './operators/index.ts';

export interface ConvertOptions {
  graph: GraphBuilder;
  /** What the model's inputs are, by their nodes. */
  inputs: Map<GraphNode, Tensor>;
  /** Converters of operators that are not known here, by name. */
  custom?: Map<string, OperatorConverter>;
}

/** `unreached`: what lies on a side of a switch that is never taken. */
type Result = Tensor | 'unreached';

/**
 * Adds a frozen graph to a graph of ONNX.
 *
 * @returns its outputs in their order, and what people should know.
 * @throws {InputError} naming every operator that cannot be converted, with its nodes and why, or a constant that is missing.
 */
export function convertGraph(
  model: GraphModel,
  { graph, inputs, custom = new Map() }: ConvertOptions,
): { outputs: Tensor[]; warnings: string[] } {
  const conversion = new Conversion(model, graph, custom);
  for (const node of model.graph.nodes) conversion.add(node, inputs.get(node));
  const outputs = model.graph.outputs.map(({ of }) => conversion.output(of));
  conversion.refuse(); // where an output is missing
  return { outputs: outputs as Tensor[], warnings: conversion.warnings };
}

class Conversion {
  readonly warnings: string[] = [];
  readonly #model: GraphModel;
  readonly #graph: GraphBuilder;
  readonly #custom: Map<string, OperatorConverter>;
  readonly #shared: Shared;
  readonly #results = new Map<GraphNode, Result[] | 'failed' | 'unreached'>();
  /** Nodes by operator and reason. */
  readonly #problems = new Map<string, string[]>();

  constructor(model: GraphModel, graph: GraphBuilder, custom: Map<string, OperatorConverter>) {
    this.#model = model;
    this.#graph = graph;
    this.#custom = custom;
    this.#shared = sharedBy(graph);
    for (const node of model.graph.nodes) this.#look(node);
    this.refuse();
  }

  #converter({ operator }: GraphNode): OperatorConverter | undefined {
    return this.#custom.get(operator) ?? operatorConverters[operator];
  }

  /** What can be said of a node before any is converted. */
  #look(node: GraphNode): void {
    if (/^(Const|Placeholder|PlaceholderWithDefault|Switch|Merge)$/.test(node.operator)) return;
    const converter = this.#converter(node);
    const problem = converter ? converter.problem(node) : reasonFor(node.operator);
    if (problem) this.#note(node, problem);
  }

  #note({ name, operator }: GraphNode, reason: string): void {
    const key = `${operator}: ${reason}`;
    this.#problems.set(key, [...(this.#problems.get(key) ?? []), name]);
  }

  refuse(): void {
    if (this.#problems.size === 0) return;
    const reasons = [...this.#problems].map(([reason, names]) => `\n  ${reason}\n    ${names.join(', ')}`).join('');
    const some = [...this.#problems.keys()].some((reason) => reason.endsWith(unknown));
    throw new InputError(
      `Expected operators that can be converted but some cannot:${reasons}` +
        (some ? '\nGive a converter with --custom NAME=module.ts (docs/export.md).' : ''),
    );
  }

  /** @returns null: the node that gives it cannot be converted. */
  result({ node, result }: Reference): Result | null {
    const results = this.#results.get(node);
    if (results === 'failed' || results === undefined) return null;
    if (results === 'unreached') return results;
    const found = results[result];
    if (found) return found;
    this.#note(node, `its result ${result} is read, which tfjs does not give`);
    return null;
  }

  /** As {@link result}, of the model itself. */
  output(reference: Reference): Tensor | null {
    const result = this.result(reference);
    if (result !== 'unreached') return result;
    this.#note(reference.node, 'it is an output on a side of a switch that is never taken');
    return null;
  }

  /** @param given what an input of the model is. */
  add(node: GraphNode, given: Tensor | undefined): void {
    this.#results.set(node, given ? [given] : this.#try(node));
  }

  #try(node: GraphNode): Result[] | 'failed' | 'unreached' {
    const taken = node.inputs.map((input) => this.result(input));
    try {
      if (node.operator === 'Const') return [this.#constant(node)];
      if (node.operator === 'Merge') return merged(taken);
      if (taken.includes('unreached')) return 'unreached';
      if (!taken.every((one) => one !== null)) return 'failed';
      const inputs = taken as Tensor[];
      if (node.operator === 'PlaceholderWithDefault') return inputs;
      if (node.operator === 'Switch') return this.#switched(inputs);
      return this.#convert(node, inputs);
    } catch (error) {
      if (!(error instanceof OperatorProblem || error instanceof TypeError)) throw error;
      this.#note(node, error.message.replace(/\.$/, ''));
      return 'failed';
    }
  }

  #constant({ name }: GraphNode): Tensor {
    const weight = this.#model.weights.get(name);
    if (!weight) throw new InputError(`Expected the weight "${name}" in the model's files but it is missing.`);
    const { shape, data, imaginary } = weight;
    const constant = (part: string, numbers: typeof data) =>
      this.#graph.constant(part, numbers, shape, numbers instanceof Uint8Array ? 'bool' : undefined);
    const tensor = plain(constant(name, data));
    return imaginary ? { ...tensor, imaginary: constant(`${name}/imaginary`, imaginary) } : tensor;
  }

  /** A switch whose side is known before a run, as training flags leave behind. */
  #switched([data, predicate]: Tensor[]): Result[] {
    const [side] = this.#graph.constantData((predicate as Tensor).value) ?? [];
    if (side === undefined) throw new OperatorProblem('which side it takes is known to a run alone');
    return side ? ['unreached', data as Tensor] : [data as Tensor, 'unreached'];
  }

  #convert(node: GraphNode, given: Tensor[]): Tensor[] {
    const converter = this.#converter(node) as OperatorConverter;
    const nodes = new Nodes(this.#graph, node.name, this.#shared);
    if (given.length === 0) throw new OperatorProblem('it takes an input but has none');
    if (!converter.complex && given.some(({ imaginary }) => imaginary))
      throw new OperatorProblem('its input holds complex numbers');
    const inputs = converter.flattened
      ? given
      : given.map((input) => (input.flattened ? plain(nodes.plain(input)) : input));
    const known = (value: Value): Dimension[] | null => {
      const data = this.#graph.constantData(value);
      return data ? Array.from(data as ArrayLike<number | bigint>, Number) : (value.elements ?? null);
    };
    const sizes = (index: number) => {
      const input = inputs[index];
      return input ? known(nodes.plain(input)) : null;
    };
    const numbersOrNull = (index: number) => {
      const list = sizes(index);
      return list?.every((one) => typeof one === 'number') ? (list as number[]) : null;
    };
    const result = converter.convert(
      {
        attributes: undefined,
        input: inputs[0] as Tensor,
        inputs,
        nodes,
        sizes,
        numbersOrNull,
        numbers: (index, what) => {
          if (!inputs[index]) throw new OperatorProblem(`it lacks its input ${index}, ${what}`);
          const list = numbersOrNull(index);
          if (list) return list;
          throw new OperatorProblem(
            `${what} must be known before a run but are ${shapeText(inputs[index].value.shape)} that the graph computes`,
          );
        },
        warn: (message) => {
          const text = `"${node.name}" (${node.operator}): ${message}`;
          if (!this.warnings.includes(text)) this.warnings.push(text);
        },
      },
      node,
    );
    const tensors = [result].flat();
    // The node that gives the result carries the name that TensorFlow has for it.
    tensors.forEach(({ value }, i) => {
      if (value.name.startsWith(`${node.name}/`)) value.name = i === 0 ? node.name : `${node.name}/result_${i}`;
    });
    return tensors;
  }
}

/** The side that a switch takes. */
function merged(sides: (Result | null)[]): Result[] | 'failed' | 'unreached' {
  const [taken] = sides.filter((side) => side !== 'unreached');
  if (taken === undefined) return 'unreached';
  return taken ? [taken] : 'failed';
}

const unknown = 'it is not known';

function reasonFor(operator: string): string {
  if (
    /^(Stateless)?(If|While|Case)$|^(Enter|Exit|LoopCond|NextIteration|Partitioned|StatefulPartitioned)/.test(operator)
  )
    return 'control flow is not converted';
  if (/^Tensor(List|Array)|^EmptyTensorList/.test(operator)) return 'lists of tensors are not converted';
  if (/^(LookupTable|HashTable|InitializeTable)/.test(operator)) return 'tables are not converted';
  if (/^(String|StaticRegex|Regex|Decode|AsString)/.test(operator)) return 'text is not converted';
  if (/^(Random|Truncated|Multinomial|Stateless)/.test(operator)) return 'it is random';
  return unknown;
}
