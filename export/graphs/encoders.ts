import type { ImageFrontend } from '#core/config.ts';
import { InputError } from '#core/errors.ts';
import type { SpectrogramOptions } from '#core/spectrogram.ts';
import type { LayersModel } from '../convert/keras/layersModel.ts';
import { inOrder } from '../convert/tensor.ts';
import { GraphBuilder, type Value } from '../onnx/graph.ts';
import { addModel, vectorSize } from './addModel.ts';
import { addLogSpectrogram } from './logSpectrogram.ts';
import { addScaledPixels } from './scaledPixels.ts';

export interface EncoderGraph {
  graph: GraphBuilder;
  /** Numbers in a row of each output. */
  sizes: { embedding: number; features: number };
}

/** `audio.onnx`: sound as decoders give it → embedding and features. */
export function audioGraph(branch: LayersModel, options: SpectrogramOptions): EncoderGraph {
  const graph = new GraphBuilder({ name: 'audio', doc: 'Sound → log-spectrogram → embedding and features.' });
  const waveform = graph.input(
    { name: 'waveform', type: 'float32', shape: ['batch', options.samples] },
    `Mono sound in [-1, 1] at ${options.sampleRate} Hz.`,
  );
  return addBranch(graph, { branch, sense: 'audio', input: addLogSpectrogram(graph, waveform, options) });
}

/** `image.onnx`: pixels as decoders give them → embedding and features. */
export function imageGraph(branch: LayersModel, options: ImageFrontend): EncoderGraph {
  const graph = new GraphBuilder({ name: 'image', doc: 'Pixels → embedding and features.' });
  const image = graph.input(
    { name: 'image', type: 'uint8', shape: ['batch', options.height, options.width, 3] },
    'RGB pixels, 0 to 255.',
  );
  return addBranch(graph, { branch, sense: 'image', input: addScaledPixels(graph, image, options) });
}

interface BranchPlace {
  branch: LayersModel;
  sense: 'audio' | 'image';
  input: Value;
}

function addBranch(graph: GraphBuilder, { branch, sense, input }: BranchPlace): EncoderGraph {
  const pixels = inOrder(input, [0, 3, 1, 2]);
  const inputs = branch.network.inputs.map(() => pixels);
  const [embedding, features, ...others] = addModel(branch, { graph, prefix: sense, inputs });
  if (!embedding || !features || others.length > 0) {
    throw new InputError(
      `Expected the ${sense} branch with two outputs, embedding and features, but it has ${branch.network.outputs.map(({ name }) => name).join(', ')}.`,
    );
  }
  const sizes = { embedding: vectorSize(embedding), features: vectorSize(features) };
  graph.output(embedding, `${sense}_embedding`, 'What match.onnx compares.');
  graph.output(features, `${sense}_features`, "The last block's grid of rows × columns × channels, for linear probes.");
  return { graph, sizes };
}
