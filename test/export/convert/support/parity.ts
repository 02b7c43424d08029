import { elementCount } from '#core/elementCount.ts';
import { Random } from '#core/random.ts';
import { type ModelGraph, type ModelGraphOptions, modelGraph } from '../../../../export/convert/modelGraph.ts';
import { modelBytes } from '../../../../export/onnx/model.ts';
import { type Rows, runOnnx } from './runOnnx.ts';
import { randomizeWeights, readFiles, savedFiles, tf } from './tfjs.ts';

export type Symbolic = tf.SymbolicTensor;

/** One tiny model. */
export interface Case {
  /** Of each input without the batch; null: a size that each run chooses. */
  inputs: (number | null)[][];
  build: (...inputs: Symbolic[]) => Symbolic | Symbolic[];
  /** What the inputs hold; default numbers in [-1, 1]. `indices`: whole numbers from 0 to below 7; `bits`: 0 or 1; `padded`: steps of zeros at ends and between. */
  holds?: 'numbers' | 'indices' | 'bits' | 'padded' | 'padded indices';
  /** What null stands for in this run. Default 9. */
  open?: number;
  /** Largest difference allowed; default 1e-5. */
  tolerance?: number;
  /** What a warning says. */
  warns?: RegExp;
  /** How many Transpose nodes the graph may have. */
  transposes?: number;
  /** The batch is fixed. */
  batch?: number;
  /** Of the inputs; default float32. */
  dtype?: 'float32' | 'int32' | 'bool';
  /** Puts the model's JSON into a form that tfjs reads and does not write. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON in the forms that other programs write
  edit?: (json: any) => void;
  /** What tfjs computes, where a model of it fails: its layers that hand on the list of inputs as if it were one. */
  expected?: (input: tf.Tensor4D) => tf.Tensor;
}

export interface Comparison {
  difference: number;
  transposes: number;
  warnings: string[];
  bytes: Uint8Array;
  graph: ModelGraph;
  /** What was put in, and what tfjs gave. */
  inputs: Rows[];
  outputs: Rows[];
}

export function makeModel({ inputs, build, batch, dtype = 'float32' }: Case, seed = 7): tf.LayersModel {
  const start = inputs.map((shape) => tf.input({ batchShape: [batch ?? null, ...shape], dtype }));
  return randomizeWeights(tf.model({ inputs: start, outputs: build(...start) }), seed);
}

/** Converts a model that tfjs made, and runs both on the same numbers. */
export async function compare(
  made: tf.LayersModel,
  one: Case,
  batch: number,
  options: ModelGraphOptions = {},
): Promise<Comparison> {
  const files = await savedFiles(made);
  const model = one.edit ? await edited(files, one.edit) : made;
  const random = new Random(11);
  const drawn = one.inputs.map((sizes) => {
    const shape = [batch, ...sizes.map((size) => size ?? one.open ?? 9)];
    return { shape, data: draw(shape, one.holds ?? 'numbers', random) };
  });
  const expected = orRefusal(() =>
    tf.tidy(() => {
      const tensors = drawn.map(({ shape, data }) => tf.tensor(data, shape, one.dtype));
      const [first] = tensors as [tf.Tensor];
      const result =
        one.expected?.(first as tf.Tensor4D) ??
        model.predict(tensors.length === 1 ? first : tensors, { batchSize: batch });
      return [result].flat().map((tensor) => ({ shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) }));
    }),
  );
  if (expected.some(({ shape }) => shape.some((size) => size <= 0))) throw new TfjsRefusal('It gives an empty result.');
  if (expected.some(({ data }) => data.some(Number.isNaN))) throw new TfjsRefusal('It gives no numbers.');
  const graph = modelGraph(await readFiles(files), options);
  const bytes = modelBytes(graph.graph, { doc: '', producerVersion: '0', metadata: {} });
  const got = await runOnnx(bytes, drawn);
  let difference = got.length === expected.length ? 0 : Number.NaN;
  expected.forEach(({ shape, data }, i) => {
    const { shape: gotShape, data: gotData } = got[i] as Rows;
    if (gotShape.join() !== shape.join()) throw new Error(`Output ${i} is [${gotShape}] and not [${shape}].`);
    data.forEach((value, k) => {
      const apart = Math.abs((gotData[k] as number) - value) / Math.max(1, Math.abs(value));
      difference = Math.max(difference, apart); // NaN stays NaN
    });
  });
  const transposes = graph.graph.build().node.filter(({ opType }) => opType === 'Transpose').length;
  return { difference, transposes, warnings: graph.warnings, bytes, graph, inputs: drawn, outputs: expected };
}

/** The model as tfjs reads the changed files. */
async function edited(files: Map<string, Uint8Array>, edit: NonNullable<Case['edit']>): Promise<tf.LayersModel> {
  const json = JSON.parse(new TextDecoder().decode(files.get('model.json')));
  edit(json);
  files.set('model.json', new TextEncoder().encode(JSON.stringify(json)));
  const { modelTopology, weightsManifest } = json;
  const weightData = (files.get('weights.bin') as Uint8Array<ArrayBuffer>).slice().buffer;
  return tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData }));
}

/** TensorFlow.js itself cannot run the model. */
export class TfjsRefusal extends Error {}

function orRefusal<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new TfjsRefusal((cause as Error).message, { cause });
  }
}

function draw(shape: number[], holds: NonNullable<Case['holds']>, random: Random): Float32Array {
  const count = elementCount(shape);
  const indices = holds.endsWith('indices');
  const data = Float32Array.from({ length: count }, () =>
    indices || holds === 'bits' ? random.integer(indices ? 7 : 2) : random.uniform(-1, 1),
  );
  if (!holds.startsWith('padded')) return data;
  const [batch, steps, ...rest] = shape as [number, number, ...number[]];
  const width = elementCount(rest);
  for (let sample = 0; sample < batch; sample++) {
    for (let step = 0; step < steps; step++) {
      // The second sample is padding alone; others end with it, and have a gap.
      const padding = sample === 1 || step >= steps - 1 - sample || step === 1;
      if (padding) data.fill(0, (sample * steps + step) * width, (sample * steps + step + 1) * width);
    }
  }
  return data;
}
