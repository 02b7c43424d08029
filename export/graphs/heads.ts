import type { Classifier } from '#core/bundle/manifest.ts';
import { InputError } from '#core/errors.ts';
import type { LayersModel } from '../keras/layersModel.ts';
import { addLayers } from '../layers/addLayers.ts';
import { vectorSize } from '../layers/layer.ts';
import { GraphBuilder, type Value } from '../onnx/graph.ts';
import type { EncoderGraph } from './encoders.ts';

/** Of the rows that each encoder gives; undefined: the checkpoint lacks it. */
export type EncoderSizes = Record<Sense, EncoderGraph['sizes'] | undefined>;
type Sense = 'audio' | 'image';

/** `match.onnx`: two embeddings → P(they belong together). */
export function matchGraph(head: LayersModel, sizes: EncoderSizes): GraphBuilder {
  const graph = new GraphBuilder({ name: 'match', doc: 'Two embeddings → P(sound and image belong together).' });
  const inputs: Record<string, Value> = {};
  for (const sense of ['audio', 'image'] as const) {
    const name = `${sense}_embedding`;
    const shape: Value['shape'] = ['batch', sizesOf(sense, { sizes, reader: 'match' }).embedding];
    inputs[name] = graph.input({ name, type: 'float32', shape }, `Of ${sense}.onnx.`);
  }
  const probabilities = onlyOutput(addLayers(head, { graph, prefix: 'match', inputs }), { graph: 'match', classes: 2 });
  const corresponds = graph.constant('match/corresponds', BigInt64Array.of(1n), []);
  const probability = graph.node('Gather', {
    name: 'match/probability',
    inputs: [probabilities, corresponds],
    shape: ['batch'],
    attributes: { axis: { int: 1 } },
    doc: 'The second of (mismatched, corresponds).',
  });
  graph.output(probability, 'probability', 'P(they belong together) in [0, 1].');
  return graph;
}

/** `classify-NAME.onnx`: an encoder's output → a probability for each label of the manifest. */
export function classifierGraph(
  model: LayersModel,
  { name, input, labels, sizes }: Classifier & { sizes: EncoderSizes },
): GraphBuilder {
  const prefix = `classify-${name}`;
  const sense = input.startsWith('audio') ? 'audio' : 'image';
  const graph = new GraphBuilder({
    name: prefix,
    doc: `${input} → the probability of each of ${labels.length} labels.`,
  });
  const { embedding, features } = sizesOf(sense, { sizes, reader: prefix });
  const size = input.endsWith('embedding') ? embedding : features;
  const value = graph.input({ name: input, type: 'float32', shape: ['batch', size] }, `Of ${sense}.onnx.`);
  const inputs = Object.fromEntries(model.inputs.map((layer) => [layer, value]));
  const outputs = addLayers(model, { graph, prefix, inputs });
  const probabilities = onlyOutput(outputs, { graph: prefix, classes: labels.length });
  graph.output(probabilities, 'probabilities', labels.join(', '));
  return graph;
}

function sizesOf(sense: Sense, { sizes, reader }: { sizes: EncoderSizes; reader: string }): EncoderGraph['sizes'] {
  const found = sizes[sense];
  if (found) return found;
  throw new InputError(
    `Expected the checkpoint to hold ${sense}/, which ${reader}/ reads, but its state.json does not list it among its parts.`,
  );
}

function onlyOutput([output, ...others]: Value[], { graph, classes }: { graph: string; classes: number }): Value {
  if (output && others.length === 0 && vectorSize(output) === classes) return output;
  const shapes = [output, ...others].map((value) => `[${value?.shape.join(', ')}]`);
  throw new InputError(
    `Expected ${graph}/ with one output of ${classes} numbers but it gives ${shapes.join(' and ')}.`,
  );
}
