import { InputError } from '#core/errors.ts';
import { convertModel } from '../convert/convert.ts';
import type { LayersModel } from '../convert/keras/layersModel.ts';
import { Nodes, sharedBy } from '../convert/nodes.ts';
import { shapeOf, type Tensor } from '../convert/tensor.ts';
import type { GraphBuilder, Value } from '../onnx/graph.ts';
import { foldBatchNorm } from '../onnx/passes/foldBatchNorm.ts';
import { keepPadsBeforePools } from '../onnx/passes/keepPads.ts';
import { shapeText } from '../onnx/value.ts';

export interface AddModelOptions {
  graph: GraphBuilder;
  /** Before every layer's name: `audio` gives `audio/conv1_1`. */
  prefix: string;
  /** In the order of the model's inputs. */
  inputs: Tensor[];
}

/**
 * Adds a model of the checkpoint to a bundle's graph.
 *
 * @returns its outputs, as Keras has them.
 * @throws {InputError} where it takes other shapes than the checkpoint's configuration says.
 */
export function addModel(model: LayersModel, { graph, prefix, inputs }: AddModelOptions): Value[] {
  model.network.inputs.forEach(({ name, shape: asked }, i) => {
    const given = shapeOf(inputs[i] as Tensor).slice(1);
    if (asked?.slice(1).join() === given.join()) return;
    throw new InputError(
      `Expected "${prefix}/${name}" to take ${shapeText(given)}, as the checkpoint's configuration says, ` +
        `but it takes ${JSON.stringify(asked)}. Model and state.json are of different runs.`,
    );
  });
  const { outputs } = convertModel(model, { graph, prefix, inputs });
  const nodes = new Nodes(graph, `${prefix}/output`, sharedBy(graph));
  const values = outputs.map((tensor) => nodes.plain(tensor));
  foldBatchNorm(graph);
  keepPadsBeforePools(graph);
  return values;
}

/** @throws {InputError} where the value is not `[B, D]`. */
export function vectorSize({ name, shape }: Value): number {
  if (shape.length === 2) return shape[1] as number;
  throw new InputError(
    `Expected "${name}" as one row of numbers an input but it has ${shapeText(shape)}. Flatten it first.`,
  );
}
