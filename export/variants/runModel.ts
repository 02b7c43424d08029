import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../onnx/encode.ts';
import type { ModelProto } from '../onnx/messages.ts';
import { viewGraph } from './graphView.ts';

/** Inputs of a graph that takes one: as many arrays as samples, each the numbers of one input of the batch. */
export type Samples = readonly (Float32Array | Uint8Array)[];

/** What one sample gave: `data` of the shape `[1, …]`. */
export type SampleOutputs = Record<string, { data: Float32Array; dims: readonly number[] }>;

/**
 * Runs a model in ONNX Runtime, sample after sample.
 *
 * @param also values inside the graph that are wanted beside its outputs.
 */
export async function* runModel(
  model: ModelProto,
  samples: Samples,
  also: readonly string[] = [],
): AsyncGenerator<SampleOutputs> {
  const { info } = viewGraph(model.graph);
  const inside = also.filter((name) => !model.graph.output.some((output) => output.name === name));
  const output = [...model.graph.output, ...inside.map((name) => info.get(name) ?? missing(name))];
  const valueInfo = model.graph.valueInfo.filter(({ name }) => !inside.includes(name));
  const session = await InferenceSession.create(
    encodeModel({ ...model, graph: { ...model.graph, output, valueInfo } }),
    {
      logSeverityLevel: 3,
    },
  );
  try {
    const [input] = session.inputMetadata;
    if (!input?.isTensor || session.inputMetadata.length !== 1) throw new TypeError('Expected a graph with one input.');
    const dims = input.shape.map((size) => (typeof size === 'number' ? size : 1));
    for (const data of samples) {
      const tensor = data instanceof Float32Array ? new Tensor('float32', data, dims) : new Tensor('uint8', data, dims);
      const given = await session.run({ [input.name]: tensor });
      yield Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name, { data: value.data as Float32Array, dims: value.dims }]),
      );
    }
  } finally {
    await session.release();
  }
}

function missing(name: string): never {
  throw new TypeError(`Expected "${name}" in the graph's value_info.`);
}
