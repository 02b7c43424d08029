import type { Classifier } from '#core/bundle/graphs.ts';
import { InputError } from '#core/errors.ts';
import type { LayersModel } from '../keras/layersModel.ts';
import { addActivation } from '../layers/activation.ts';
import { type AddLayersOptions, addLayers } from '../layers/addLayers.ts';
import { vectorSize } from '../layers/layer.ts';
import { GraphBuilder, type Value } from '../onnx/graph.ts';
import type { EncoderGraph } from './encoders.ts';

/** Of the rows that each encoder gives; undefined: the checkpoint lacks it. */
export type EncoderSizes = Record<Sense, EncoderGraph['sizes'] | undefined>;
type Sense = 'audio' | 'image';

/** `match.onnx`: two embeddings → logits and P(they belong together). */
export function matchGraph(head: LayersModel, sizes: EncoderSizes): GraphBuilder {
  const graph = new GraphBuilder({ name: 'match', doc: 'Two embeddings → P(sound and image belong together).' });
  const inputs: Record<string, Value> = {};
  for (const sense of ['audio', 'image'] as const) {
    const name = `${sense}_embedding`;
    const shape: Value['shape'] = ['batch', sizesOf(sense, { sizes, reader: 'match' }).embedding];
    inputs[name] = graph.input({ name, type: 'float32', shape }, `Of ${sense}.onnx.`);
  }
  const logits = addLogits(head, { graph, prefix: 'match', inputs, classes: 2 });
  const probabilities = addActivation(graph, logits, 'softmax', 'match/softmax');
  const corresponds = graph.constant('match/corresponds', BigInt64Array.of(1n), []);
  const probability = graph.node('Gather', {
    name: 'match/probability',
    inputs: [probabilities, corresponds],
    shape: ['batch'],
    attributes: { axis: { int: 1 } },
    doc: 'The second of (mismatched, corresponds).',
  });
  graph.output(probability, 'probability', 'P(they belong together) in [0, 1].');
  graph.output(logits, 'logits', 'Of (mismatched, corresponds), before softmax.');
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
  const logits = addLogits(model, { graph, prefix, inputs, classes: labels.length });
  graph.output(addActivation(graph, logits, 'softmax', `${prefix}/softmax`), 'probabilities', labels.join(', '));
  graph.output(logits, 'logits', 'Of the same, before softmax.');
  return graph;
}

function sizesOf(sense: Sense, { sizes, reader }: { sizes: EncoderSizes; reader: string }): EncoderGraph['sizes'] {
  const found = sizes[sense];
  if (found) return found;
  throw new InputError(
    `Expected the checkpoint to hold ${sense}/, which ${reader}/ reads, but its state.json does not list it among its parts.`,
  );
}

interface AddLogitsOptions extends AddLayersOptions {
  classes: number;
}

/** Adds the head without the softmax that it ends with: the golden check compares logits, which no saturation hides. */
function addLogits(head: LayersModel, { classes, ...options }: AddLogitsOptions): Value {
  const { prefix } = options;
  const last = head.layers.at(-1);
  if (last?.className !== 'Dense' || last.config.activation !== 'softmax' || head.outputs.join() !== last.name) {
    throw new InputError(
      `Expected ${prefix}/ to end with a Dense layer with softmax but it ends with ${last?.className}, activation ${last?.config.activation}.`,
    );
  }
  const layers = [...head.layers.slice(0, -1), { ...last, config: { ...last.config, activation: 'linear' } }];
  return onlyOutput(addLayers({ ...head, layers }, options), { graph: prefix, classes });
}

function onlyOutput([output, ...others]: Value[], { graph, classes }: { graph: string; classes: number }): Value {
  if (output && others.length === 0 && vectorSize(output) === classes) return output;
  const shapes = [output, ...others].map((value) => `[${value?.shape.join(', ')}]`);
  throw new InputError(
    `Expected ${graph}/ with one output of ${classes} numbers but it gives ${shapes.join(' and ')}.`,
  );
}
