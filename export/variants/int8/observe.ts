import type { ModelProto } from '../../onnx/messages.ts';
import { runModel, type Samples } from '../runModel.ts';
import type { Range } from './scheme.ts';

/** What a value was over all samples. */
export interface Observation extends Range {
  /** How many numbers fell into each of equal parts of [min, max]. */
  histogram: Float64Array;
  /** Of each channel (axis 1) the largest magnitude. */
  channelMax: Float64Array;
}

const bins = 2048;

/** Runs the model over the samples twice: for the ranges, then for what lies in them. */
export async function observe(
  model: ModelProto,
  names: readonly string[],
  samples: Samples,
): Promise<Map<string, Observation>> {
  const seen = new Map<string, Observation>();
  for await (const outputs of runModel(model, samples, names)) {
    for (const name of names) {
      const { data, dims } = outputs[name] as NonNullable<(typeof outputs)[string]>;
      const channels = dims[1] ?? 1;
      const observation = seen.get(name) ?? {
        min: Number.POSITIVE_INFINITY,
        max: Number.NEGATIVE_INFINITY,
        histogram: new Float64Array(bins),
        channelMax: new Float64Array(channels),
      };
      const inner = data.length / channels;
      for (let channel = 0, i = 0; channel < channels; channel++) {
        let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
        for (let j = 0; j < inner; j++, i++) {
          const value = data[i] as number;
          if (value < least) least = value;
          if (value > most) most = value;
        }
        observation.min = Math.min(observation.min, least);
        observation.max = Math.max(observation.max, most);
        observation.channelMax[channel] = Math.max(
          observation.channelMax[channel] as number,
          Math.abs(least),
          Math.abs(most),
        );
      }
      seen.set(name, observation);
    }
  }
  for await (const outputs of runModel(model, samples, names)) {
    for (const name of names) {
      const { min, max, histogram } = seen.get(name) as Observation;
      const perUnit = max > min ? bins / (max - min) : 0;
      const { data } = outputs[name] as NonNullable<(typeof outputs)[string]>;
      for (let i = 0; i < data.length; i++) {
        const bin = Math.min(bins - 1, Math.floor(((data[i] as number) - min) * perUnit));
        histogram[bin] = (histogram[bin] as number) + 1;
      }
    }
  }
  return seen;
}
