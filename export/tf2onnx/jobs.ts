import { join } from 'node:path';
import { classifierGraphName, type Graph } from '#core/bundle/graphs.ts';
import type { CheckpointState } from '#core/checkpoint.ts';
import { melFilters } from '#core/spectrogram.ts';

/** One graph that `convert.py` makes. Paths are those that it sees. */
export interface Job {
  /** Of the graph, and before every name in it. */
  name: string;
  /** Path of `model.json`. */
  model: string;
  out: string;
  /** What comes before the model in the graph; without: the model's own inputs. */
  before?: object;
  /** Gives logits beside probabilities; of `match` the second column alone. */
  head?: 'match' | 'classify';
  /** Default the model's own names. */
  inputs?: Graph['inputs'];
  outputs?: string[];
}

export interface Places {
  /** The checkpoint's step, as the program sees it. */
  input: string;
  /** Where the files go, as the program sees it. */
  output: string;
}

/** @param graphs that the bundle holds, with what they take and give. */
export function checkpointJobs(state: CheckpointState, graphs: Graph[], { input, output }: Places): Job[] {
  const { spectrogram, image } = state.config.model;
  const filters = spectrogram.nMels === null ? null : Array.from(melFilters(spectrogram));
  const particulars: Record<string, Pick<Job, 'before' | 'head'>> = {
    audio: { before: { kind: 'spectrogram', ...spectrogram, melFilters: filters } },
    image: { before: { kind: 'pixels', ...image } },
    match: { head: 'match' },
    ...Object.fromEntries(
      state.classifiers.map(({ name }) => [classifierGraphName(name), { head: 'classify' as const }]),
    ),
  };
  return graphs.map(({ name, inputs, outputs }) => ({
    name,
    model: join(input, name, 'model.json'),
    out: join(output, `${name}.onnx`),
    ...particulars[name],
    inputs,
    outputs: outputs.map((output) => output.name),
  }));
}
