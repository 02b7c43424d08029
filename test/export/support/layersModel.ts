import { Random } from '#core/random.ts';
import { tf } from '../../../training/tensorflow/load.ts';

/** The files that tfjs writes for the model. */
export async function savedFiles(model: tf.LayersModel): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const weightsManifest = [{ paths: ['./weights.bin'], weights: weightSpecs }];
      files.set('model.json', new TextEncoder().encode(JSON.stringify({ modelTopology, weightsManifest })));
      files.set('./weights.bin', new Uint8Array(weightData as ArrayBuffer));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return files;
}

/** Gives every weight a random value, statistics of batch normalisation included, that keeps activations near 1. */
export function randomizeWeights(model: tf.LayersModel, seed: number): tf.LayersModel {
  const random = new Random(seed);
  for (const layer of model.layers) {
    const values = layer.weights.map((weight) => {
      const shape = weight.shape as number[];
      const draw = drawOf(weight.name, { shape, random });
      return tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, draw), shape);
    });
    layer.setWeights(values);
  }
  return model;
}

function drawOf(weight: string, { shape, random }: { shape: number[]; random: Random }): () => number {
  if (/gamma|variance/.test(weight)) return () => random.uniform(0.5, 1.5);
  if (/beta|mean|bias/.test(weight)) return () => random.uniform(-0.3, 0.3);
  const fanIn = tf.util.sizeFromShape(shape.slice(0, -1));
  const gain = shape.length === 2 ? 0.1 : 1; // heads: far from 0 and 1, where every mistake would vanish
  return () => random.normal() * gain * Math.sqrt(2 / fanIn);
}
