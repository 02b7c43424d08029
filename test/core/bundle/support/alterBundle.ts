import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as onnxruntime from 'onnxruntime-node';
import type { Variant } from '#core/bundle/graphs.ts';
import { type Bundle, type OnnxRuntime, openBundle } from '#core/bundle/open.ts';
import { decodeModel } from '../../../../export/onnx/decode.ts';
import { encodeModel } from '../../../../export/onnx/encode.ts';
import type { GraphProto, ModelProto, TensorProto } from '../../../../export/onnx/messages.ts';

/** A published bundle whose graphs can be altered, with the manifest's hashes mended: what only the golden check can see. */
export interface Alterable {
  model(file: string): ModelProto;
  /** Opens the bundle with one file's graph altered. */
  openWith(file: string, alter: (graph: GraphProto) => void): Promise<Bundle>;
}

export function alterable(folder: string, variant: Variant): Alterable {
  const sessions = new Map<string, Promise<onnxruntime.InferenceSession>>();
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  // A graph that was not altered is loaded once.
  const runtime: OnnxRuntime = {
    Tensor: onnxruntime.Tensor,
    InferenceSession: {
      create(bytes, options) {
        const key = digest(bytes);
        const known =
          sessions.get(key) ?? onnxruntime.InferenceSession.create(bytes, { ...options, logSeverityLevel: 3 });
        sessions.set(key, known);
        return known;
      },
    },
  };
  const read = (file: string) => new Uint8Array(readFileSync(join(folder, file)));
  const model = (file: string) => decodeModel(read(file), file);
  return {
    model,
    async openWith(file, alter) {
      const altered = model(file);
      alter(altered.graph);
      const bytes = encodeModel(altered);
      const entry = { sha256: digest(bytes), bytes: bytes.length };
      const manifest = JSON.parse(new TextDecoder().decode(read('manifest.json')), (_, value) =>
        value?.file === file ? { ...value, ...entry } : value,
      );
      return openBundle({
        read: async (name) => {
          if (name === 'manifest.json') return new TextEncoder().encode(JSON.stringify(manifest));
          return name === file ? bytes : read(name);
        },
        runtime,
        variant,
      });
    },
  };
}

const float32 = 1;

/** The floats of a graph's weights; others hold sizes and axes. */
export function floatWeights({ initializer }: GraphProto): TensorProto[] {
  return initializer.filter(({ dataType }) => dataType === float32);
}

/** Makes some of a weight's numbers larger by a hundredth. */
export function nudge(
  graph: GraphProto,
  name: string,
  { first = 0, end = Number.POSITIVE_INFINITY, step = 1 } = {},
): void {
  const tensor = graph.initializer.find((one) => one.name === name) as TensorProto;
  const values = floatsOf(tensor);
  for (let i = first; i < Math.min(end, values.length); i += step) values[i] = (values[i] as number) * 1.01;
  tensor.rawData = new Uint8Array(values.buffer);
}

export function floatsOf({ rawData }: TensorProto): Float32Array {
  return new Float32Array(rawData.slice().buffer);
}

/** Exchanges two classes of every output of a head, whatever its weights are stored in. */
export function exchangeClasses(graph: GraphProto, [one, other]: [number, number], classes: number): void {
  const order = Array.from({ length: classes }, (_, i) => BigInt(i === one ? other : i === other ? one : i));
  const indices = BigInt64Array.from(order);
  graph.initializer.push({ name: 'exchanged', dataType: 7, dims: [classes], rawData: new Uint8Array(indices.buffer) });
  const { node } = graph;
  const logits = node.find(({ output }) => output[0] === 'logits') as (typeof node)[number];
  logits.output = ['logits as trained'];
  node.splice(node.indexOf(logits) + 1, 0, {
    name: 'exchange',
    opType: 'Gather',
    input: ['logits as trained', 'exchanged'],
    output: ['logits'],
    attribute: [{ name: 'axis', type: 2, i: 1 }],
  });
}
