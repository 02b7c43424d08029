import { z } from 'zod';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import type { TfjsModel } from '../compare/tfjs.ts';
import { type CustomConverter, layerConverter, operatorConverter } from './custom.ts';
import { readGraphModel } from './graphModel/graphModel.ts';
import { onnxGraph } from './graphModel/onnxGraph.ts';
import { readLayersModel } from './keras/layersModel.ts';
import { type ModelGraph, modelGraph } from './modelGraph.ts';
import type { Source } from './source.ts';

/** A model of TensorFlow.js of either kind, read and not yet converted. */
export interface AnyModel {
  /** What it is, for people. */
  description: string;
  convert(options: ConvertOptions): ModelGraph;
  /** As TensorFlow.js loads it. */
  tfjs: TfjsModel;
}

export interface ConvertOptions {
  /** Inputs as `[B, C, …]` instead of `[B, …, C]`. */
  channelsFirst: boolean;
  /** By class of layer or operator. */
  custom: Map<string, CustomConverter>;
}

const kindSchema = z.looseObject({
  format: z.string().nullish(),
  modelTopology: z.looseObject(
    {},
    {
      error:
        'expected the layers or nodes of a model: give the JSON that TensorFlow.js loads, which names the weights too',
    },
  ),
});

/** Files that people have of models and that are no JSON, by what they begin with. */
const otherFiles = [
  {
    begins: '\x89HDF',
    advice: 'a Keras model as HDF5. `tensorflowjs_converter --input_format=keras FILE FOLDER` makes a model.json of it',
  },
  {
    begins: 'PK\x03\x04',
    advice:
      'a zip archive. Unpack it and give the model.json in it; where it is a .keras file, `tensorflowjs_converter --input_format=keras_keras FILE FOLDER` makes one',
  },
];

/**
 * @returns a layers model, or a graph model where its JSON says so or holds nodes.
 * @throws {InputError} for one that is not as expected.
 */
export async function readAnyModel({ read, where, file }: Source): Promise<AnyModel> {
  const path = `${where}/${file}`;
  const bytes = await read(file);
  const other = otherFiles.find(({ begins }) => [...begins].every((letter, i) => letter.charCodeAt(0) === bytes[i]));
  if (other) throw new InputError(`Expected the JSON of a TensorFlow.js model in ${path} but it is ${other.advice}.`);
  const text = new TextDecoder().decode(bytes);
  const { format, modelTopology } = parseJson(kindSchema, text, path);
  const converters = <Converter>(custom: ConvertOptions['custom'], make: (convert: CustomConverter) => Converter) =>
    new Map([...custom].map(([name, convert]) => [name, make(convert)]));
  if (format === 'graph-model' || 'node' in modelTopology) {
    const model = await readGraphModel(text, path, { read, where });
    const { artifacts, graph, weights } = model;
    return {
      description: 'a TensorFlow.js graph model',
      convert: ({ channelsFirst, custom }) =>
        onnxGraph(model, { channelsFirst, custom: converters(custom, operatorConverter) }),
      tfjs: {
        artifacts,
        weights: [...weights.values()],
        nodes: {
          inputs: graph.inputs.map(({ node }) => node.name),
          outputs: graph.outputs.map(({ of }) => `${of.node.name}:${of.result}`),
        },
      },
    };
  }
  const again = (name: string) => (name === file ? Promise.resolve(bytes) : read(name));
  const model = await readLayersModel(again, where, file);
  return {
    description: `the TensorFlow.js layers model "${model.network.name}"`,
    convert: ({ channelsFirst, custom }) =>
      modelGraph(model, { channelsFirst, custom: converters(custom, layerConverter) }),
    tfjs: { artifacts: { modelTopology: model.topology }, weights: [...model.weights.values()] },
  };
}
