import { elementCount } from '#core/elementCount.ts';
import type { AttributeProto, ModelProto, NodeProto, TensorProto } from '../../onnx/messages.ts';
import { elementType, floatsOf, tensorOf, viewGraph } from '../graphView.ts';

/**
 * The same model in fewer bytes: weights that repeat themselves are stored once, and ONNX Runtime makes them whole when it loads the graph; values
 * between nodes have short names. Nodes keep theirs.
 */
export function compact(model: ModelProto): ModelProto {
  const node: NodeProto[] = [];
  const initializer: TensorProto[] = [];
  const products = biasScales(model);
  for (const tensor of model.graph.initializer) {
    const stored = products.get(tensor.name) ?? shifted(tensor) ?? narrow(tensor);
    node.push(...(stored?.nodes ?? []));
    initializer.push(...(stored?.weights ?? [tensor]));
  }
  return shortNames({ ...model, graph: { ...model.graph, node: [...node, ...model.graph.node], initializer } });
}

/** @returns of scales of biases that are the scales of weights times that of what comes in: how to multiply them. */
function biasScales({ graph }: ModelProto): Map<string, Stored> {
  const { producer, weight } = viewGraph(graph);
  const scaleOf = (value = '') => {
    const node = producer.get(value);
    return node?.opType === 'DequantizeLinear' ? weight.get(node.input[1] ?? '') : undefined;
  };
  const products = new Map<string, Stored>();
  for (const { opType, input } of graph.node) {
    const [of, kernel, bias] = input.map(scaleOf);
    if (opType !== 'Conv' || !of || !kernel || !bias || of.dims.length > 0) continue;
    const factor = floatsOf(of)[0] as number;
    const scales = floatsOf(bias);
    const isProduct = floatsOf(kernel).every((scale, c) => Math.fround(scale * factor) === scales[c]);
    if (!isProduct || scales.length < fewNumbers) continue;
    const { nodes, weights, add } = storing();
    add('Mul', [kernel.name, of.name], bias.name);
    products.set(bias.name, { nodes, weights });
  }
  return products;
}

/** A node that makes more of fewer numbers than these takes the bytes that are saved. */
const fewNumbers = 16;
const narrowNumbers = 32;

/** Whole numbers of 32 bits that 16 hold. */
function narrow({ name, dims, dataType, rawData }: TensorProto): Stored | null {
  if (dataType !== elementType.int32 || elementCount(dims) < narrowNumbers) return null;
  const values = new Int32Array(new Uint8Array(rawData).buffer);
  const halves = Int16Array.from(values);
  if (values.some((value, i) => value !== halves[i])) return null;
  const { nodes, weights, add } = storing();
  weights.push(tensorOf(`${name}/int16`, halves, dims, elementType.int16));
  add('Cast', [`${name}/int16`], name, [{ name: 'to', type: 2, i: elementType.int32 }]);
  return { nodes, weights };
}

interface Stored {
  nodes: NodeProto[];
  weights: TensorProto[];
}

/** Nodes and constants that make a weight. */
function storing() {
  const nodes: NodeProto[] = [];
  const weights: TensorProto[] = [];
  return {
    nodes,
    weights,
    whole(name: string, numbers: number[]): string {
      weights.push(tensorOf(name, BigInt64Array.from(numbers, BigInt), [numbers.length], elementType.int64));
      return name;
    },
    int8(name: string, numbers: Int8Array, dims: number[]): string {
      weights.push(tensorOf(name, numbers, dims, elementType.int8));
      return name;
    },
    add(opType: string, input: string[], name: string, attribute: AttributeProto[] = []): string {
      nodes.push({ name: '', opType, input, output: [name], attribute });
      return name;
    },
  };
}

/** Blocks of neighbouring pixels that are told apart, from the largest. */
const blockSizes = [8, 4, 2];

/**
 * Kernels over blocks of pixels: those of each place of a block are those of the place before, a pixel further. A row of one, with zeros behind it for
 * one pixel more, is repeated; read by rows of the block's length each begins a pixel later.
 */
function shifted({ name, dims, dataType, rawData }: TensorProto): Stored | null {
  const [kernels = 0, channels = 0, height = 0, taps = 0] = dims;
  if (dataType !== elementType.int8 || dims.length !== 4) return null;
  const values = new Int8Array(new Uint8Array(rawData).buffer);
  for (const inBlock of blockSizes) {
    if (channels % inBlock !== 0) continue;
    const pixel = channels / inBlock;
    for (const places of blockSizes) {
      if (kernels % places !== 0 || places > inBlock) continue;
      const step = (inBlock / places) * pixel;
      const length = taps * channels;
      const period = length + step;
      const inPlace = kernels / places;
      const base = new Int8Array(inPlace * height * period);
      const expected = (place: number, k: number, row: number, j: number) =>
        base[(k * height + row) * period + ((((j - place * step) % period) + period) % period)] as number;
      const index = (kernel: number, row: number, j: number) =>
        ((kernel * channels + (j % channels)) * height + row) * taps + Math.floor(j / channels);
      for (let k = 0; k < inPlace; k++) {
        for (let row = 0; row < height; row++) {
          for (let j = 0; j < length; j++) base[(k * height + row) * period + j] = values[index(k, row, j)] as number;
        }
      }
      const isSo = values.every((value, i) => {
        const [tap, row] = [i % taps, Math.floor(i / taps) % height];
        const channel = Math.floor(i / (taps * height)) % channels;
        const kernel = Math.floor(i / (taps * height * channels));
        return value === expected(Math.floor(kernel / inPlace), kernel % inPlace, row, tap * channels + channel);
      });
      if (!isSo || !values.some((value) => value !== 0)) continue;
      const { nodes, weights, add, whole, int8 } = storing();
      const one = int8(`${name}/one`, base, [inPlace, height, period]);
      const many = add('Tile', [one, whole(`${name}/times`, [1, 1, places])], `${name}/many`);
      const limits = [[0], [places * length], [2]].map((numbers, i) => whole(`${name}/limit_${i}`, numbers));
      const cut = add('Slice', [many, ...limits], `${name}/cut`);
      const sizes = whole(`${name}/sizes`, [inPlace, height, places, taps, channels]);
      const byPlace = add('Reshape', [cut, sizes], `${name}/by_place`);
      const order: AttributeProto[] = [{ name: 'perm', type: 7, ints: [2, 0, 4, 1, 3] }];
      const turned = add('Transpose', [byPlace], `${name}/turned`, order);
      add('Reshape', [turned, whole(`${name}/shape`, dims)], name);
      const bytes = weights.reduce((sum, weight) => sum + weight.rawData.length, 0);
      return bytes < elementCount(dims) ? { nodes, weights } : null;
    }
  }
  return null;
}

/** Of all values but what comes in and what is given: nodes say what they are. */
function shortNames(model: ModelProto): ModelProto {
  const { graph } = model;
  const kept = new Set([...graph.input, ...graph.output].map(({ name }) => name));
  const names = new Map<string, string>();
  let count = 0;
  const short = (name: string): string => {
    if (name === '' || kept.has(name)) return name;
    let made = names.get(name);
    while (made === undefined || kept.has(made)) made = (count++).toString(36);
    names.set(name, made);
    return made;
  };
  const node = graph.node.map((one) => ({ ...one, input: one.input.map(short), output: one.output.map(short) }));
  const initializer = graph.initializer.map((tensor) => ({ ...tensor, name: short(tensor.name) }));
  return { ...model, graph: { ...graph, node, initializer, valueInfo: [] } };
}
