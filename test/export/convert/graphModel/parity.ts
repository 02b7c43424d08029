import { elementCount } from '#core/elementCount.ts';
import { Random } from '#core/random.ts';
import { type GraphModel, readGraphModel } from '../../../../export/convert/graphModel/graphModel.ts';
import { onnxGraph } from '../../../../export/convert/graphModel/onnxGraph.ts';
import type { ModelGraph } from '../../../../export/convert/modelGraph.ts';
import { modelBytes } from '../../../../export/onnx/model.ts';
import { type Rows, runOnnx } from '../support/runOnnx.ts';
import { tf } from '../support/tfjs.ts';
import { type DType, GraphDef, type Ref } from './graphDef.ts';

/** One tiny graph. */
export interface Case {
  inputs: {
    /** null: a size that each run chooses; the first is the batch. */
    shape: (number | null)[];
    dtype?: DType;
    /** Numbers lie from `low` (default −1) to `high` (1); whole ones from 0 to below `high` (7). */
    low?: number;
    high?: number;
  }[];
  build: (graph: GraphDef, ...inputs: Ref[]) => Ref | Ref[];
  /** Largest difference allowed, as a part of max(1, |x|); default 1e-5. */
  tolerance?: number;
  /** What sizes but the batch stand for that are left open. Default 9. */
  open?: number;
  /** How many Transpose nodes the graph has. */
  transposes?: number;
  /** Operators of ONNX that the graph holds, in their order. */
  operators?: string[];
}

export interface Comparison {
  difference: number;
  operators: string[];
  graph: ModelGraph;
  bytes: Uint8Array;
  inputs: Rows[];
  outputs: Rows[];
}

export function graphOf({ inputs, build }: Pick<Case, 'inputs' | 'build'>): GraphDef {
  const graph = new GraphDef();
  const refs = inputs.map(({ shape, dtype }, i) => graph.input(`input_${i}`, shape, dtype));
  graph.outputs = [build(graph, ...refs)].flat();
  return graph;
}

export function readGraph(graph: GraphDef, more: Record<string, unknown> = {}): Promise<GraphModel> {
  const read = async () => graph.weightData;
  return readGraphModel(JSON.stringify(graph.json(more)), 'model/model.json', { read, where: 'model' });
}

/** Converts a graph, and runs it in ONNX Runtime and in TensorFlow.js on the same numbers. */
export async function compare(one: Case, batch: number): Promise<Comparison> {
  const graph = graphOf(one);
  const random = new Random(11);
  const drawn = one.inputs.map(({ shape, dtype = 'DT_FLOAT', low = -1, high }): Rows => {
    const sizes = shape.map((size, axis) => size ?? (axis === 0 ? batch : (one.open ?? 9)));
    const draw = () =>
      dtype === 'DT_FLOAT' ? random.uniform(low, high ?? 1) : random.integer(dtype === 'DT_BOOL' ? 2 : (high ?? 7));
    return { shape: sizes, data: Float32Array.from({ length: elementCount(sizes) }, draw) };
  });
  const expected = await runTfjs(graph, one, drawn);
  const converted = onnxGraph(await readGraph(graph));
  const bytes = modelBytes(converted.graph, { doc: '', producerVersion: '0', metadata: {} });
  const got = await runOnnx(bytes, drawn);
  let difference = got.length === expected.length ? 0 : Number.NaN;
  expected.forEach(({ shape, data }, i) => {
    const { shape: gotShape, data: gotData } = got[i] as Rows;
    if (gotShape.join() !== shape.join()) throw new Error(`Output ${i} is [${gotShape}] and not [${shape}].`);
    data.forEach((value, k) => {
      const other = gotData[k] as number;
      if (Object.is(value, other)) return; // also infinities
      difference = Math.max(difference, Math.abs(other - value) / Math.max(1, Math.abs(value))); // NaN stays NaN
    });
  });
  const operators = converted.graph.build().node.map(({ opType }) => opType);
  return { difference, operators, graph: converted, bytes, inputs: drawn, outputs: expected };
}

async function runTfjs(graph: GraphDef, { inputs }: Case, drawn: Rows[]): Promise<Rows[]> {
  const { weightsManifest: _, ...artifacts } = graph.json();
  const model = await tf.loadGraphModel({
    load: async () => ({ ...artifacts, weightSpecs: graph.specs, weightData: graph.weightData.buffer }) as never,
  });
  const types = { DT_FLOAT: 'float32', DT_INT32: 'int32', DT_BOOL: 'bool' } as const;
  const feeds = Object.fromEntries(
    drawn.map(({ shape, data }, i) => [`input_${i}`, tf.tensor(data, shape, types[inputs[i]?.dtype ?? 'DT_FLOAT'])]),
  );
  const names = graph.outputs.map((ref) => (ref.includes(':') ? ref : `${ref}:0`));
  const results = [await model.executeAsync(feeds, names)].flat();
  const rows = results.map((tensor) => ({ shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) }));
  tf.dispose([results, feeds]);
  model.dispose();
  return rows;
}
