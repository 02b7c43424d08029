import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { elementCount } from '#core/elementCount.ts';
import { Random } from '#core/random.ts';

interface Layer {
  name: string;
  class_name: string;
  config: object;
  inbound_nodes: [string, 0, 0, object][][];
}

interface Weight {
  name: string;
  shape: number[];
}

/** Of the blocks of *Look, Listen and Learn*, at full width: 38 MB of weights. */
const channels = [64, 128, 256, 512];

/**
 * Writes the whole of L3-Net as one TensorFlow.js layers model with seeded weights: a spectrogram `[257, 199, 1]` and a picture `[224, 224, 3]` →
 * P(mismatched, corresponds).
 *
 * @returns the path of `model.json`.
 */
export async function writeL3Model(folder: string): Promise<string> {
  const layers: Layer[] = [];
  const weights: Weight[] = [];
  const add = (name: string, class_name: string, config: object, inputs: string[]) => {
    layers.push({
      name,
      class_name,
      config: { name, ...config },
      inbound_nodes: inputs.length > 0 ? [inputs.map((input) => [input, 0, 0, {}])] : [],
    });
    return name;
  };
  const branch = (sense: string, shape: number[]) => {
    let value = add(sense, 'InputLayer', { batch_input_shape: [null, ...shape], dtype: 'float32', sparse: false }, []);
    let depth = shape[2] as number;
    for (const [block, filters] of channels.entries()) {
      for (const half of [1, 2]) {
        const place = `${sense}_${block + 1}_${half}`;
        value = add(`${place}_conv`, 'Conv2D', convolution(filters), [value]);
        weights.push(
          { name: `${value}/kernel`, shape: [3, 3, depth, filters] },
          { name: `${value}/bias`, shape: [filters] },
        );
        value = add(
          `${place}_norm`,
          'BatchNormalization',
          { axis: -1, momentum: 0.9, epsilon: 1e-3, center: true, scale: true },
          [value],
        );
        for (const kind of ['gamma', 'beta', 'moving_mean', 'moving_variance'])
          weights.push({ name: `${value}/${kind}`, shape: [filters] });
        value = add(`${place}_relu`, 'Activation', { activation: 'relu' }, [value]);
        depth = filters;
      }
      if (block < channels.length - 1) {
        value = add(
          `${sense}_${block + 1}_pool`,
          'MaxPooling2D',
          { pool_size: [2, 2], strides: [2, 2], padding: 'valid', data_format: 'channels_last' },
          [value],
        );
      }
    }
    return add(`${sense}_embedding`, 'GlobalMaxPooling2D', { data_format: 'channels_last' }, [value]);
  };
  const embeddings = [branch('audio', [257, 199, 1]), branch('image', [224, 224, 3])];
  const both = add('both', 'Concatenate', { axis: -1 }, embeddings);
  const hidden = add('hidden', 'Dense', { units: 128, activation: 'relu', use_bias: true }, [both]);
  const result = add('result', 'Dense', { units: 2, activation: 'softmax', use_bias: true }, [hidden]);
  weights.push({ name: 'hidden/kernel', shape: [1024, 128] }, { name: 'hidden/bias', shape: [128] });
  weights.push({ name: 'result/kernel', shape: [128, 2] }, { name: 'result/bias', shape: [2] });

  const config = {
    name: 'l3',
    layers,
    input_layers: [
      ['audio', 0, 0],
      ['image', 0, 0],
    ],
    output_layers: [[result, 0, 0]],
  };
  const modelTopology = {
    class_name: 'Functional',
    config,
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
  const listed = weights.map((weight) => ({ ...weight, dtype: 'float32' }));
  const model = {
    format: 'layers-model',
    modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: listed }],
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'weights.bin'), Buffer.concat(weights.map(draw)));
  const file = join(folder, 'model.json');
  await writeFile(file, JSON.stringify(model));
  return file;
}

function convolution(filters: number): object {
  return {
    filters,
    kernel_size: [3, 3],
    strides: [1, 1],
    padding: 'same',
    data_format: 'channels_last',
    dilation_rate: [1, 1],
    activation: 'linear',
    use_bias: true,
  };
}

/** Scaled so that numbers stay near 1 through all layers. */
function draw({ name, shape }: Weight, seed: number): Buffer {
  const random = new Random(seed);
  const length = elementCount(shape);
  const fanIn = length / (shape.at(-1) as number);
  const value = /gamma|variance/.test(name)
    ? () => random.uniform(0.5, 1.5)
    : /kernel/.test(name)
      ? () => random.uniform(-1, 1) * Math.sqrt(6 / fanIn)
      : () => random.uniform(-0.1, 0.1);
  return Buffer.from(Float32Array.from({ length }, value).buffer);
}
