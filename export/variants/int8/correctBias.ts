import type { ModelProto } from '../../onnx/messages.ts';
import { runModel, type Samples } from '../runModel.ts';
import { type QuantizeOptions, quantizeModel } from './quantize.ts';

/**
 * Bias correction (Nagel et al. 2019): what quantisation shifts each channel of a layer by on average is taken from its bias, layer after
 * layer, as those before are corrected already.
 *
 * @returns what is to be added, by the layers' names.
 */
export async function correctBias(
  model: ModelProto,
  options: Omit<QuantizeOptions, 'corrections'>,
  samples: Samples,
): Promise<Map<string, Float64Array>> {
  const { layers } = options.plan;
  const order = model.graph.node.filter((node) => layers.has(node) && node.input.length === 3);
  const results = order.map(({ output }) => output[0] as string);
  const wanted = await channelMeans(model, results, samples);
  const corrections = new Map<string, Float64Array>();
  for (const [i, layer] of order.entries()) {
    const result = results[i] as string;
    const quantized = quantizeModel(model, { ...options, corrections });
    const given = (await channelMeans(quantized, [insideName(result, quantized)], samples))[0] as Float64Array;
    corrections.set(
      layer.name,
      (wanted[i] as Float64Array).map((mean, c) => mean - (given[c] as number)),
    );
  }
  return corrections;
}

/** A value that became an output of uint8 is computed under another name. */
function insideName(value: string, { graph }: ModelProto): string {
  return graph.node.some(({ opType, output }) => opType === 'DequantizeLinear' && output[0] === value)
    ? `${value}/float`
    : value;
}

/** @returns of each value the mean of every channel (axis 1) over all samples. */
async function channelMeans(model: ModelProto, values: string[], samples: Samples): Promise<Float64Array[]> {
  const sums = new Map<string, Float64Array>();
  for await (const outputs of runModel(model, samples, values)) {
    for (const name of values) {
      const { data, dims } = outputs[name] as NonNullable<(typeof outputs)[string]>;
      const channels = dims[1] ?? 1;
      const inner = data.length / channels;
      const sum = sums.get(name) ?? new Float64Array(channels);
      for (let i = 0; i < data.length; i++) {
        const channel = Math.floor(i / inner);
        sum[channel] = (sum[channel] as number) + (data[i] as number) / inner / samples.length;
      }
      sums.set(name, sum);
    }
  }
  return values.map((name) => sums.get(name) as Float64Array);
}
