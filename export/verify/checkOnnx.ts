import { elementCount } from '#core/elementCount.ts';
import type { GraphProto, ModelProto, NodeProto, TensorProto } from '../onnx/messages.ts';

/** Bytes of a number, by ONNX's number for its type; a type without: not checked. */
const widths: Record<number, number> = { 1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8 };

/** Newer ones are not read by the runtimes that bundles are made for: IR 9 and opset 17 are of 2023. */
const newestIr = 9;
const newestOpset = 17;

/**
 * What `onnx.checker` looks at, but for the operators' own schemas, which ONNX Runtime checks as it loads a graph; and weights that are no
 * numbers.
 *
 * @returns what is wrong, in sentences; empty: nothing.
 */
export function checkOnnx({ irVersion, opsetImport, graph, metadataProps }: ModelProto): string[] {
  const problems: string[] = [];
  const opset = opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx');
  if (irVersion < 3 || irVersion > newestIr) problems.push(`IR version ${irVersion}; expected 3 to ${newestIr}`);
  if (!opset) problems.push("no opset of ONNX's own operators is imported");
  else if (opset.version > newestOpset) problems.push(`opset ${opset.version}; expected ${newestOpset} at most`);
  if (twice(metadataProps.map(({ key }) => key)).length > 0) problems.push('a metadata key stands twice');
  const domains = new Set(opsetImport.map(({ domain }) => (domain === 'ai.onnx' ? '' : domain)));
  return [...problems, ...checkGraph(graph, new Set(), domains)];
}

/** @param outside values of the graphs around this one. */
function checkGraph(graph: GraphProto, outside: ReadonlySet<string>, domains: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  if (!graph.name) problems.push('a graph without a name');
  const own = [...graph.input, ...graph.initializer].map(({ name }) => name);
  const inputs = new Set(graph.input.map(({ name }) => name));
  for (const name of twice(own)) if (!inputs.has(name)) problems.push(`the weight "${name}" stands twice`);
  for (const name of twice(graph.node.map(({ name }) => name).filter(Boolean)))
    problems.push(`two nodes are called "${name}"`);
  for (const { name, type } of [...graph.input, ...graph.output]) {
    if (!type.tensorType.elemType) problems.push(`"${name}" has no type`);
  }
  for (const tensor of graph.initializer) problems.push(...checkTensor(tensor));
  const known = new Set([...outside, ...own]);
  for (const node of graph.node) {
    const what = `the node "${node.name || node.output[0]}" (${node.opType})`;
    if (!domains.has(node.domain ?? ''))
      problems.push(`${what} is of the domain "${node.domain}", which is not imported`);
    for (const name of node.input) {
      if (name && !known.has(name)) problems.push(`${what} reads "${name}", which nothing before it gives`);
    }
    problems.push(...checkAttributes(node, what, known, domains));
    for (const name of node.output) {
      if (name && known.has(name)) problems.push(`${what} gives "${name}", which is given already`);
      known.add(name);
    }
  }
  for (const { name } of graph.output) if (!known.has(name)) problems.push(`nothing gives the output "${name}"`);
  return problems;
}

function checkAttributes(
  node: NodeProto,
  what: string,
  known: ReadonlySet<string>,
  domains: ReadonlySet<string>,
): string[] {
  const problems = twice(node.attribute.map(({ name }) => name)).map(
    (name) => `${what} has the attribute "${name}" twice`,
  );
  for (const attribute of node.attribute) {
    if (attribute.type === 4) problems.push(...checkTensor(attribute.t));
    if (attribute.type === 5) problems.push(...checkGraph(attribute.g, known, domains));
  }
  return problems;
}

function checkTensor({ name, dataType, dims, rawData }: TensorProto): string[] {
  const width = widths[dataType];
  const count = elementCount(dims);
  if (width === undefined) return [];
  if (rawData.length !== count * width) {
    return [`the weight "${name}" has ${rawData.length} bytes; [${dims.join(', ')}] takes ${count * width}`];
  }
  if (dataType !== 1) return [];
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  for (let i = 0; i < count; i++) {
    if (!Number.isFinite(view.getFloat32(4 * i, true))) return [`the weight "${name}" holds a number that is none`];
  }
  return [];
}

function twice(names: string[]): string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.has(name) || !seen.add(name));
}
