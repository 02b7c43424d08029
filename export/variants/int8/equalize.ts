import type { ModelProto, NodeProto, TensorProto } from '../../onnx/messages.ts';
import { attributeOf, elementType, floatsOf, type GraphView, tensorOf, viewGraph } from '../graphView.ts';

/** What a positive factor of a channel passes through unchanged. */
const scaling = new Set(['Relu', 'MaxPool', 'AveragePool']);

/**
 * Cross-layer equalisation (Nagel et al., "Data-Free Quantization through Weight Equalization and Bias Correction", 2019), with the ranges
 * that were seen of activations: between two convolutions a channel that is wide where the next layer's weights are narrow is made narrower
 * and the weights wider, so that both use more of their 256 steps. The network computes the same.
 *
 * @param channelMax of each value between, the largest magnitude of every channel.
 */
export function equalize(model: ModelProto, channelMax: ReadonlyMap<string, Float64Array>): ModelProto {
  const view = viewGraph(model.graph);
  const changed = new Map<string, Float32Array>();
  const numbers = (name: string) => changed.get(name) ?? floatsOf(view.weight.get(name) as TensorProto);
  for (const first of model.graph.node) {
    const next = first.opType === 'Conv' ? nextConvolution(first, view) : null;
    if (!next) continue;
    const [, kernelName = '', biasName] = first.input;
    const [, nextKernelName = ''] = next.conv.input;
    const seen = channelMax.get(next.activation);
    const [kernel, nextKernel] = [view.weight.get(kernelName), view.weight.get(nextKernelName)];
    const alone = [kernelName, biasName ?? '', nextKernelName].every(
      (name) => (view.readers.get(name)?.length ?? 0) <= 1,
    );
    if (!kernel || !nextKernel || !seen || !alone || nextKernel.dims[1] !== kernel.dims[0]) continue;
    const channels = kernel.dims[0] as number;
    const nextNumbers = numbers(nextKernelName);
    const inner = nextNumbers.length / (nextKernel.dims[0] as number) / channels;
    const inputOf = (i: number) => Math.floor(i / inner) % channels;
    const wide = new Float64Array(channels);
    for (const [i, value] of nextNumbers.entries())
      wide[inputOf(i)] = Math.max(wide[inputOf(i)] as number, Math.abs(value));
    const factors = factorsOf(seen, wide);
    const perChannel = numbers(kernelName).length / channels;
    changed.set(
      kernelName,
      numbers(kernelName).map((value, i) => value / (factors[Math.floor(i / perChannel)] as number)),
    );
    if (biasName)
      changed.set(
        biasName,
        numbers(biasName).map((value, i) => value / (factors[i] as number)),
      );
    changed.set(
      nextKernelName,
      nextNumbers.map((value, i) => value * (factors[inputOf(i)] as number)),
    );
  }
  const initializer = model.graph.initializer.map((tensor) => {
    const data = changed.get(tensor.name);
    return data ? tensorOf(tensor.name, data, tensor.dims, elementType.float32) : tensor;
  });
  return { ...model, graph: { ...model.graph, initializer } };
}

/** √(activation / weight) of each channel, their geometric mean being 1; dead channels stay as they are. */
function factorsOf(activation: Float64Array, weight: Float64Array): Float64Array {
  const raw = activation.map((most, c) =>
    most > 0 && (weight[c] as number) > 0 ? Math.sqrt(most / (weight[c] as number)) : 0,
  );
  const alive = raw.filter((factor) => factor > 0);
  const mean = Math.exp(alive.reduce((sum, factor) => sum + Math.log(factor), 0) / Math.max(1, alive.length));
  // Powers of two at most 16 apart from the mean: exact in float32, and no channel is blown up.
  return raw.map((factor) => (factor > 0 ? 2 ** Math.max(-4, Math.min(4, Math.round(Math.log2(factor / mean)))) : 1));
}

/** The one convolution that reads what this one gives, through nodes that scale with it. */
function nextConvolution(first: NodeProto, view: GraphView): { conv: NodeProto; activation: string } | null {
  let value = first.output[0] as string;
  let activation = value;
  for (;;) {
    const [reader, ...others] = view.readers.get(value) ?? [];
    if (!reader || others.length > 0 || view.outputs.has(value)) return null;
    const group = attributeOf(reader, 'group');
    if (reader.opType === 'Conv') {
      return group?.type === 2 && group.i !== 1 ? null : { conv: reader, activation };
    }
    if (!scaling.has(reader.opType)) return null;
    value = reader.output[0] as string;
    if (reader.opType === 'Relu') activation = value;
  }
}
