import type { ModelProto } from '../onnx/messages.ts';
import { runModel, type Samples } from './runModel.ts';

export type Outputs = Record<string, Float32Array>[];

/** @returns what the model gives for each sample. */
export async function outputsOf(model: ModelProto, samples: Samples): Promise<Outputs> {
  const all: Outputs = [];
  for await (const outputs of runModel(model, samples)) {
    all.push(Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data])));
  }
  return all;
}

/**
 * How much of what tells samples apart a variant loses: the squared error as a share of the variance over the samples, the mean of the
 * outputs' shares. 0: the same numbers; 1: no better than the mean of all samples.
 */
export function lostShare(actual: Outputs, expected: Outputs): number {
  const names = Object.keys(expected[0] ?? {});
  const shares = names.map((name) => {
    const rows = expected.map((outputs) => outputs[name] as Float32Array);
    const mean = new Float64Array(rows[0]?.length ?? 0);
    for (const row of rows) for (const [i, value] of row.entries()) mean[i] = (mean[i] as number) + value / rows.length;
    let [error, variance] = [0, 0];
    for (const [r, row] of rows.entries()) {
      const got = actual[r]?.[name] as Float32Array;
      for (const [i, value] of row.entries()) {
        error += ((got[i] as number) - value) ** 2;
        variance += (value - (mean[i] as number)) ** 2;
      }
    }
    return error / (variance || 1);
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
