import type { Classifier, Graph, GraphTensor } from '#core/bundle/graphs.ts';
import { classifierGraphName } from '#core/bundle/graphs.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { Enum, type Message } from './pbtxt.ts';

/** One folder of Triton's model repository. */
export interface TritonModel {
  name: string;
  config: Message;
  /** Graph of the bundle whose file it runs; null: an ensemble, which runs others. */
  graph: string | null;
  /** A line each, beside the configuration. */
  labels: string[] | null;
}

export interface TritonOptions {
  /** Most inputs that a run takes together. */
  maxBatchSize: number;
  /** How long a request waits for others to come. */
  queueMicroseconds: number;
}

const labelFile = 'labels.txt';

/** @returns the models of a bundle: each graph, and where it matches an ensemble from sound and picture to probability. */
export function tritonModels(manifest: BundleManifest, options: TritonOptions): TritonModel[] {
  const { name, graphs, classifiers } = manifest;
  const models = graphs.map((graph): TritonModel => {
    const classifier = classifiers.find((one) => classifierGraphName(one.name) === graph.name);
    return {
      name: modelName(name, graph.name),
      config: graphConfig(name, graph, { ...options, classifier }),
      graph: graph.name,
      labels: classifier?.labels ?? null,
    };
  });
  const [audio, image, match] = ['audio', 'image', 'match'].map((one) => graphs.find((graph) => graph.name === one));
  if (!audio || !image || !match) return models;
  const ensemble = modelName(name, 'correspondence');
  const config = ensembleConfig(ensemble, { bundle: name, steps: [audio, image, match], options });
  return [...models, { name: ensemble, config, graph: null, labels: null }];
}

/** `digits_audio`, `digits_classify_spoken_digit`: Triton's metrics and URLs take letters, digits and `_` best. */
function modelName(bundle: string, graph: string): string {
  return `${bundle}_${graph}`.replaceAll(/[^\w]/g, '_');
}

function graphConfig(
  bundle: string,
  { name, inputs, outputs }: Graph,
  { maxBatchSize, queueMicroseconds, classifier }: TritonOptions & { classifier: Classifier | undefined },
): Message {
  return {
    name: modelName(bundle, name),
    backend: 'onnxruntime',
    max_batch_size: maxBatchSize,
    input: inputs.map((tensor) => tensorMessage(tensor)),
    output: outputs.map((tensor) => ({
      ...tensorMessage(tensor),
      label_filename: classifier && tensor.name === 'probabilities' ? labelFile : undefined,
    })),
    version_policy: { specific: { versions: 1 } },
    dynamic_batching: { max_queue_delay_microseconds: queueMicroseconds },
    model_warmup: [1, maxBatchSize].map((batch) => ({
      name: `batch of ${batch}`,
      batch_size: batch,
      inputs: inputs.map(({ name: key, dtype, shape }) => ({
        key,
        value: { data_type: typeOf(dtype), dims: dimensions(shape), random_data: true },
      })),
    })),
  };
}

function ensembleConfig(
  name: string,
  { bundle, steps, options }: { bundle: string; steps: Graph[]; options: TritonOptions },
): Message {
  const [audio, image, match] = steps as [Graph, Graph, Graph];
  const same = (tensors: GraphTensor[]) => tensors.map(({ name: key }) => ({ key, value: key }));
  const embedding = ({ outputs }: Graph) => outputs.filter(({ name }) => name.endsWith('_embedding'));
  const probability = match.outputs.filter((tensor) => tensor.name === 'probability');
  const step = (graph: Graph, outputs: GraphTensor[]) => ({
    model_name: modelName(bundle, graph.name),
    model_version: 1,
    input_map: same(graph.inputs),
    output_map: same(outputs),
  });
  return {
    name,
    platform: 'ensemble',
    max_batch_size: options.maxBatchSize,
    input: [...audio.inputs, ...image.inputs].map((tensor) => tensorMessage(tensor)),
    output: probability.map((tensor) => ({ ...tensorMessage(tensor), reshape: undefined })), // the match model's own
    version_policy: { specific: { versions: 1 } },
    ensemble_scheduling: {
      step: [step(audio, embedding(audio)), step(image, embedding(image)), step(match, probability)],
    },
  };
}

/** Triton leaves the batch out; a single number each is `[1]` outside and nothing inside. */
function tensorMessage({ name, dtype, shape }: GraphTensor): Message {
  const dims = dimensions(shape);
  return { name, data_type: typeOf(dtype), dims, reshape: shape.length === 1 ? {} : undefined };
}

function dimensions([, ...rest]: GraphTensor['shape']): number[] {
  return rest.length === 0 ? [1] : (rest as number[]);
}

function typeOf(dtype: GraphTensor['dtype']): Enum {
  return new Enum(dtype === 'float32' ? 'TYPE_FP32' : 'TYPE_UINT8');
}
