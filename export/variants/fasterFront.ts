import type { Graph } from '#core/bundle/graphs.ts';
import type { SpectrogramOptions } from '#core/spectrogram.ts';
import { encodeModel } from '../onnx/encode.ts';
import type { ModelProto } from '../onnx/messages.ts';
import { type Front, type Int8Encoder, int8Encoder } from './int8/encoder.ts';
import { frontOf } from './int8/fronts.ts';
import type { CalibrationMethod } from './int8/ranges.ts';
import { latencyBatches, measureLatency } from './latency.ts';
import { lostShare, outputsOf } from './lostShare.ts';
import type { Samples } from './runModel.ts';

/** Another front of an encoder may lose no more than this of what tells sounds or pictures apart ({@link lostShare}). */
const mostLost = 0.02;

export interface FrontOptions {
  graph: Graph;
  /** In float32, as it was exported. */
  model: ModelProto;
  /** Null for pictures. */
  spectrogram: SpectrogramOptions | null;
  samples: Samples;
  method: CalibrationMethod | undefined;
  /** Whether accuracy is kept with this encoder. */
  keeps(encoder: Int8Encoder): Promise<boolean>;
}

/**
 * An encoder with another front, and the same layers in float32.
 *
 * @returns null where there is none, or it does not keep what it is to keep, or is not faster by as much as it is to be.
 */
export async function fasterFront(
  before: Int8Encoder,
  { graph, model, spectrogram, samples, method, keeps }: FrontOptions,
): Promise<{ front: Front; encoder: Int8Encoder } | null> {
  const { front, leastGain, model: changed } = frontOf(model, spectrogram);
  if (!changed) return null;
  const made = await (await int8Encoder(changed, { samples, method })).without(before.recipe.leftOut);
  const encoder = { ...made, recipe: { ...made.recipe, front } };
  const gain = await gainOf(graph, { before: encodeModel(before.model), after: encodeModel(encoder.model) });
  if (gain < leastGain) return null;
  const lost = lostShare(await outputsOf(encoder.model, samples), await outputsOf(model, samples));
  return lost <= mostLost && (await keeps(encoder)) ? { front, encoder } : null;
}

/** @returns how many times as fast the model is, the mean of the batches. */
async function gainOf(graph: Graph, files: { before: Uint8Array; after: Uint8Array }): Promise<number> {
  const gains: number[] = [];
  for (const batch of latencyBatches) {
    const { before, after } = await measureLatency(graph, files, batch);
    gains.push(before.milliseconds / after.milliseconds);
  }
  return gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
}
