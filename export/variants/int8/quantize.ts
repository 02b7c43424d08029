import { elementCount } from '#core/elementCount.ts';
import type { ModelProto, NodeProto, TensorProto } from '../../onnx/messages.ts';
import { attributeOf, elementType, floatsOf, type GraphView, sizesOf, tensorOf } from '../graphView.ts';
import { activationOf, inputsOf, type Plan, sourceOf } from './plan.ts';
import { int8Weights, type Range, type Scale, uint8Scale } from './scheme.ts';

export interface QuantizeOptions {
  plan: Plan;
  /** Of the values that `plan.values` names as its own scale's. */
  ranges: ReadonlyMap<string, Range>;
  /** Added to a layer's bias, by the layer's name: what quantisation shifts on average. */
  corrections?: ReadonlyMap<string, Float64Array>;
}

/**
 * From so many inputs on a convolution's weights have the zero point −1, which takes nothing from their range, −127 to 127. ONNX Runtime computes
 * convolutions whose zero point is 0 by a kernel of its own that knows VNNI alone, others as products of matrices, which know AMX too: there
 * those of 1,152 inputs are 1.5 times and those of 2,304 are 2.2 times as fast, those of 576 slower.
 */
const manyInputs = 1024;
/** But not where the matrix, the inputs of each place, has more bytes than a cache holds: of 14.6 million it is 1.3 times as slow, of 7.2 not. */
const largeMatrix = 10_000_000;

/**
 * Writes quantisation as QuantizeLinear and DequantizeLinear around float32 operators ("QDQ"): every runtime can run it as it stands,
 * and ONNX Runtime fuses it into integer operators (QLinearConv, QGemm). Placed as those fusions ask: behind an activation, not
 * before it; the same scale on both sides of pooling and reshaping; weights int8 with a scale for each output channel; bias int32 in the
 * product of both scales.
 */
export function quantizeModel(
  model: ModelProto,
  { plan, ranges, corrections = new Map() }: QuantizeOptions,
): ModelProto {
  const { view, layers, values, scaled } = plan;
  const nodes: NodeProto[] = [];
  const weights = new Map<string, TensorProto>(); // in the order of their first reader
  const scales = new Map<string, Scale>();
  const keep = (tensor: TensorProto) => {
    weights.set(tensor.name, tensor);
    return tensor.name;
  };
  const scaleOf = (value: string): { scale: Scale; names: [string, string] } => {
    const root = values.get(value) as string;
    const range = ranges.get(root);
    const scale = scales.get(root) ?? scaled.get(root) ?? uint8Scale(range ?? unknown(root));
    scales.set(root, scale);
    keep(tensorOf(`${root}/scale`, Float32Array.of(scale.scale), [], elementType.float32));
    keep(tensorOf(`${root}/zero`, Uint8Array.of(scale.zeroPoint), [], elementType.uint8));
    return { scale, names: [`${root}/scale`, `${root}/zero`] };
  };
  const linear = (
    opType: 'QuantizeLinear' | 'DequantizeLinear',
    from: string,
    to: string,
    names: [string, string],
  ): void => {
    nodes.push({ name: '', opType, input: [from, ...names], output: [to], attribute: [] }); // its output says what it is
  };
  const made = (value: string) => (view.outputs.has(value) ? `${value}/float` : value);
  const read = (value: string) => (values.has(value) && !view.outputs.has(value) ? `${value}/real` : value);
  const scaling = new Set([...scaled.values()].flatMap(({ nodes }) => nodes));
  const addPair = (value: string) => {
    const { names } = scaleOf(value);
    const input = scaled.get(value)?.input;
    if (input) return linear('DequantizeLinear', input, `${value}/real`, names);
    linear('QuantizeLinear', made(value), `${value}/uint8`, names);
    linear('DequantizeLinear', `${value}/uint8`, view.outputs.has(value) ? value : `${value}/real`, names);
  };

  for (const { name } of model.graph.input) if (values.has(name)) addPair(name);
  for (const node of model.graph.node) {
    if (scaling.has(node)) {
      for (const name of node.output) if (values.has(name)) addPair(name);
      continue;
    }
    const parameters = layers.has(node) ? quantizeWeights(node) : null;
    const input = node.input.map((name, i) => {
      if (parameters && i > 0) return parameters[i - 1] as string;
      const weight = view.weight.get(name);
      return weight ? keep(weight) : read(name);
    });
    const output = node.output.map((name) => (values.has(name) ? made(name) : name));
    nodes.push({ ...node, input, output });
    for (const name of node.output) if (values.has(name)) addPair(name);
  }
  return { ...model, graph: { ...model.graph, node: nodes, initializer: [...weights.values()] } };

  /** @returns the names of kernel and bias as the layer reads them. */
  function quantizeWeights(node: NodeProto): string[] {
    const [value, kernelName, biasName] = node.input as [string, string, string | undefined];
    const kernel = view.weight.get(kernelName) as TensorProto;
    const axis = outputAxis(node);
    const channels = kernel.dims[axis] as number;
    const { scale } = scaleOf(value).scale;
    const bias = biasOf(node, kernel, biasName);
    // A bias of large numbers beside small weights: a coarser scale, so that it fits int32.
    const leastScale = Float64Array.from(
      { length: channels },
      (_, c) => Math.abs(bias?.[c] ?? 0) / (scale * (2 ** 31 - 1)),
    );
    const zeroPoint = isSoonerAsMatrices(node, view) ? -1 : 0;
    const { whole, scales: channelScales } = int8Weights(floatsOf(kernel), {
      dims: kernel.dims,
      axis,
      leastScale,
      zeroPoint,
    });
    const dequantize = (name: string, tensor: TensorProto, steps: Float32Array, along: number) => {
      const input = [keep(tensor), keep(tensorOf(`${name}/scale`, steps, [channels], elementType.float32))];
      if (tensor.dataType === elementType.int8) {
        input.push(
          keep(tensorOf(`${name}/zero`, new Int8Array(channels).fill(zeroPoint), [channels], elementType.int8)),
        );
      }
      const attribute: NodeProto['attribute'] = [{ name: 'axis', type: 2, i: along }];
      nodes.push({
        name: '',
        opType: 'DequantizeLinear',
        input,
        output: [`${name}/real`],
        attribute,
      });
      return `${name}/real`;
    };
    const names = [
      dequantize(kernelName, tensorOf(`${kernelName}/int8`, whole, kernel.dims, elementType.int8), channelScales, axis),
    ];
    if (bias) {
      const steps = channelScales.map((channelScale) => channelScale * scale);
      const numbers = Int32Array.from(bias, (number, c) => Math.round(number / (steps[c] as number)));
      const name = biasName ?? `${node.name}/bias`;
      names.push(dequantize(name, tensorOf(`${name}/int32`, numbers, [channels], elementType.int32), steps, 0));
    }
    return names;
  }

  function biasOf(node: NodeProto, kernel: TensorProto, biasName: string | undefined): Float64Array | null {
    const correction = corrections.get(node.name);
    const bias = biasName ? Float64Array.from(floatsOf(view.weight.get(biasName) as TensorProto)) : null;
    const rest = scaled.get(sourceOf(node.input[0] as string, view))?.rest;
    if (!bias && !correction && !rest) return null;
    const channels = kernel.dims[outputAxis(node)] as number;
    const kernels = floatsOf(kernel);
    const inner = kernels.length / channels; // of a convolution: its output channels come first
    return Float64Array.from({ length: channels }, (_, c) => {
      const shift = rest ? rest * sumOf(kernels.subarray(c * inner, (c + 1) * inner)) : 0;
      return (bias?.[c] ?? 0) + (correction?.[c] ?? 0) + shift;
    });
  }
}

function isSoonerAsMatrices(node: NodeProto, view: GraphView): boolean {
  if (node.opType !== 'Conv') return false;
  const inputs = inputsOf(node, view);
  const sizes = sizesOf(view, node.output[0] as string);
  const places = sizes ? elementCount(sizes.slice(2)) : 0;
  return inputs >= manyInputs && inputs * places < largeMatrix;
}

/** Which axis of a layer's kernel its output channels are. */
export function outputAxis(node: NodeProto): number {
  if (node.opType === 'Conv') return 0;
  const transposed = attributeOf(node, 'transB');
  return transposed?.type === 2 && transposed.i === 1 ? 0 : 1;
}

/** What a layer gives before the quantiser looks: behind its activation. */
export function resultOf(layer: NodeProto, { view }: Plan): string {
  return (activationOf(layer, view)?.output[0] ?? layer.output[0]) as string;
}

function sumOf(numbers: Float32Array): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function unknown(value: string): never {
  throw new TypeError(`Expected a range of "${value}".`);
}
