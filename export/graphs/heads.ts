import type { Classifier } from '#core/bundle/graphs.ts';
import { InputError } from '#core/errors.ts';
import type { LayersModel } from '../convert/keras/layersModel.ts';
import { isInput } from '../convert/keras/network.ts';
import { plain } from '../convert/tensor.ts';
import { GraphBuilder, type Value } from '../onnx/graph.ts';
import { type AddModelOptions, addModel, vectorSize } from './addModel.ts';
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
  const tensors = head.network.inputs.map(({ name }) => {
    const value = inputs[name];
    if (!value)
      throw new InputError(`Expected match/ to take ${Object.keys(inputs).join(' and ')} but it takes "${name}".`);
    return plain(value);
  });
  const logits = addLogits(head, { graph, prefix: 'match', inputs: tensors, classes: 2 });
  const probabilities = addSoftmax(graph, logits, 'match');
  const corresponds = graph.constant('match/corresponds', BigInt64Array.of(1n), []);
  const probability = graph.node('Gather', {
    name: 'match/probability',
    inputs: [probabilities, corresponds],
    attributes: { axis: 1 },
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
  const inputs = model.network.inputs.map(() => plain(value));
  const logits = addLogits(model, { graph, prefix, inputs, classes: labels.length });
  graph.output(addSoftmax(graph, logits, prefix), 'probabilities', labels.join(', '));
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

interface AddLogitsOptions extends AddModelOptions {
  classes: number;
}

/** Adds the head without the softmax that it ends with: the golden check compares logits, which no saturation hides. */
function addLogits(head: LayersModel, { classes, ...options }: AddLogitsOptions): Value {
  const { prefix } = options;
  const { network } = head;
  const [output] = network.outputs;
  const last = output && !isInput(output.of) ? output.of.call : undefined;
  const { className, config } = last?.layer ?? {};
  if (!output || !last || network.outputs.length > 1 || className !== 'Dense' || config?.activation !== 'softmax') {
    throw new InputError(
      `Expected ${prefix}/ to end with a Dense layer with softmax but it ends with ${className}, activation ${config?.activation}.`,
    );
  }
  const linear = { ...last, layer: { ...last.layer, config: { ...config, activation: 'linear' } } };
  const calls = network.calls.map((call) => (call === last ? linear : call));
  const outputs = [{ ...output, of: { call: linear, result: 0 } }];
  return onlyOutput(addModel({ ...head, network: { ...network, calls, outputs } }, options), {
    graph: prefix,
    classes,
  });
}

function addSoftmax(graph: GraphBuilder, logits: Value, prefix: string): Value {
  return graph.node('Softmax', { name: `${prefix}/softmax`, inputs: [logits], attributes: { axis: 1 } });
}

function onlyOutput([output, ...others]: Value[], { graph, classes }: { graph: string; classes: number }): Value {
  if (output && others.length === 0 && vectorSize(output) === classes) return output;
  const shapes = [output, ...others].map((value) => `[${value?.shape.join(', ')}]`);
  throw new InputError(
    `Expected ${graph}/ with one output of ${classes} numbers but it gives ${shapes.join(' and ')}.`,
  );
}
