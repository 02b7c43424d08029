import * as tf from '@tensorflow/tfjs';
import { Random } from '#core/random.ts';
import { type LayersModel, readLayersModel } from '../../../../export/convert/keras/layersModel.ts';

// TensorFlow.js in JavaScript alone: what people who convert a model have, and quick for tiny ones.
tf.env().set('PROD', true); // else every tensor is looked through for NaN
await tf.setBackend('cpu');
console.warn = () => {}; // tfjs advertises its native package

export { tf };

/** The files that tfjs writes for the model. */
export async function savedFiles(model: tf.LayersModel): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      files.set(
        'model.json',
        new TextEncoder().encode(JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest })),
      );
      files.set('weights.bin', new Uint8Array(weightData as ArrayBuffer));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return files;
}

/** The model as the exporter reads it from disk. */
export function readFiles(files: Map<string, Uint8Array>): Promise<LayersModel> {
  return readLayersModel(async (file) => files.get(file) as Uint8Array, 'model');
}

/** Gives every weight a random value that keeps activations near 1, so that a mistake anywhere shows. */
export function randomizeWeights(model: tf.LayersModel, seed: number): tf.LayersModel {
  const random = new Random(seed);
  const values = model.weights.map((weight) => {
    const shape = weight.shape as number[];
    return tf.tensor(
      Float32Array.from({ length: tf.util.sizeFromShape(shape) }, drawOf(weight.name, shape, random)),
      shape,
    );
  });
  model.weights.forEach((weight, i) => {
    weight.write(values[i] as tf.Tensor);
  });
  tf.dispose(values);
  return model;
}

function drawOf(weight: string, shape: number[], random: Random): () => number {
  if (/gamma|variance/.test(weight)) return () => random.uniform(0.5, 1.5);
  if (/beta|mean|bias|alpha/.test(weight)) return () => random.uniform(-0.3, 0.3);
  const fanIn = tf.util.sizeFromShape(shape.slice(0, -1));
  return () => random.normal() * Math.sqrt(1 / fanIn);
}
