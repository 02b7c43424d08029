import type { Layer, LayersModel } from '../keras/layersModel.ts';
import { batchNormalizationSchema } from './batchNormalization.ts';
import { parseConfig, weightOf } from './layer.ts';

/**
 * Batch normalisation behind a convolution or dense layer is one factor and one summand for each of its outputs:
 * multiplied into kernel and bias, in float64, it costs nothing at run time.
 */
export function foldBatchNorm(model: LayersModel): LayersModel {
  const layers = new Map(model.layers.map((layer) => [layer.name, layer]));
  const foldedInto = new Map<string, string>();
  for (const batchNorm of model.layers) {
    const linear = layers.get(batchNorm.inputs[0] ?? '');
    if (batchNorm.className !== 'BatchNormalization' || !linear || !isFoldable(linear, batchNorm, model)) continue;
    layers.set(linear.name, scaleOutputs(linear, batchNorm));
    layers.delete(batchNorm.name);
    foldedInto.set(batchNorm.name, linear.name);
  }
  const follow = (name: string) => foldedInto.get(name) ?? name;
  return {
    layers: [...layers.values()].map((layer) => ({ ...layer, inputs: layer.inputs.map(follow) })),
    inputs: model.inputs,
    outputs: model.outputs.map(follow),
  };
}

/** Nothing else may see the layer's own result, and the normalisation must be over its outputs: its kernel's last axis. */
function isFoldable(linear: Layer, batchNorm: Layer, model: LayersModel): boolean {
  const { axis } = parseConfig(batchNormalizationSchema, batchNorm);
  const consumers = model.layers.filter(({ inputs }) => inputs.includes(linear.name));
  return (
    ['Conv2D', 'Dense'].includes(linear.className) &&
    linear.config.activation === 'linear' &&
    consumers.length === 1 &&
    !model.outputs.includes(linear.name) &&
    [-1, (linear.weights.kernel?.shape.length ?? 0) - 1].includes(axis)
  );
}

function scaleOutputs(linear: Layer, batchNorm: Layer): Layer {
  const { epsilon, center, scale } = parseConfig(batchNormalizationSchema, batchNorm);
  const { kernel } = linear.weights;
  if (!kernel) return linear; // the layer's converter says what is missing
  const outputs = kernel.shape.at(-1) as number;
  const statistic = (name: string) => weightOf(batchNorm, name, [outputs]).data;
  const [mean, variance] = [statistic('moving_mean'), statistic('moving_variance')];
  const gamma = scale ? statistic('gamma') : new Float32Array(outputs).fill(1);
  const beta = center ? statistic('beta') : new Float32Array(outputs);
  const bias = linear.config.use_bias ? weightOf(linear, 'bias', [outputs]).data : new Float32Array(outputs);

  // JavaScript computes in float64; Float32Array rounds once, when it stores.
  const factors = Float64Array.from(variance, (value, i) => (gamma[i] as number) / Math.sqrt(value + epsilon));
  const foldedKernel = kernel.data.map((value, i) => value * (factors[i % outputs] as number));
  const foldedBias = bias.map(
    (value, i) => (beta[i] as number) + (value - (mean[i] as number)) * (factors[i] as number),
  );
  return {
    ...linear,
    config: { ...linear.config, use_bias: true },
    weights: { kernel: { ...kernel, data: foldedKernel }, bias: { shape: [outputs], data: foldedBias } },
  };
}
