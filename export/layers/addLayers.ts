import { InputError } from '#core/errors.ts';
import type { Layer, LayersModel } from '../keras/layersModel.ts';
import type { GraphBuilder, Value } from '../onnx/graph.ts';
import { activation, relu } from './activation.ts';
import { batchNormalization } from './batchNormalization.ts';
import { conv2d } from './conv2d.ts';
import { dense } from './dense.ts';
import { foldBatchNorm } from './foldBatchNorm.ts';
import type { LayerConverter } from './layer.ts';
import { add, concatenate } from './merge.ts';
import { averagePooling2d, globalAveragePooling2d, globalMaxPooling2d, maxPooling2d } from './pooling.ts';
import { dropout, flatten, zeroPadding2d } from './reshape.ts';

const converters: Record<string, LayerConverter> = {
  Activation: activation,
  Add: add,
  AveragePooling2D: averagePooling2d,
  BatchNormalization: batchNormalization,
  Concatenate: concatenate,
  Conv2D: conv2d,
  Dense: dense,
  Dropout: dropout,
  Flatten: flatten,
  GlobalAveragePooling2D: globalAveragePooling2d,
  GlobalMaxPooling2D: globalMaxPooling2d,
  MaxPooling2D: maxPooling2d,
  ReLU: relu,
  ZeroPadding2D: zeroPadding2d,
};

export interface AddLayersOptions {
  graph: GraphBuilder;
  /** Before every layer's name: `audio` gives `audio/conv1_1`. */
  prefix: string;
  /** By the name of the model's input layer; pixels as `[B, C, H, W]`. */
  inputs: Record<string, Value>;
}

/**
 * Adds a whole Keras model to a graph.
 *
 * @returns the model's outputs.
 * @throws {InputError} for a layer that is not supported, or inputs of other shapes than the model was made for.
 */
export function addLayers(model: LayersModel, { graph, prefix, inputs }: AddLayersOptions): Value[] {
  const folded = foldBatchNorm(model);
  const values = new Map<string, Value>();
  for (const layer of folded.layers) {
    const name = `${prefix}/${layer.name}`;
    if (layer.className === 'InputLayer') {
      values.set(layer.name, checkedInput(layer, inputs[layer.name], name));
      continue;
    }
    const convert = converters[layer.className];
    if (!convert) {
      throw new InputError(
        `Layer "${name}" is of the class ${layer.className}, which cannot be exported. ` +
          `Use ${Object.keys(converters).join(', ')}, or add the class in export/layers/.`,
      );
    }
    const taken = layer.inputs.map((input) => values.get(input) as Value); // the layers are in order
    values.set(layer.name, convert({ ...layer, name }, { graph, name, inputs: taken }));
  }
  return folded.outputs.map((output) => {
    const value = values.get(output);
    if (!value) throw new InputError(`Expected "${prefix}" to have the layer "${output}", its output, but it has not.`);
    return value;
  });
}

function checkedInput(layer: Layer, value: Value | undefined, name: string): Value {
  if (!value) throw new InputError(`Expected no input "${name}": nothing in this graph feeds it.`);
  const [batch, channels, ...picture] = value.shape;
  const kerasShape = [batch, ...picture, channels];
  const asked = layer.config.batch_input_shape;
  if (Array.isArray(asked) && asked.slice(1).join() === kerasShape.slice(1).join()) return value;
  throw new InputError(
    `Expected "${name}" to take [${kerasShape.slice(1).join(', ')}], as the checkpoint's configuration says, ` +
      `but it takes ${JSON.stringify(asked)}. Model and state.json are of different runs.`,
  );
}
