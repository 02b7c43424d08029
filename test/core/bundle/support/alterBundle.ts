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

const elementTypes = { float32: 1, float16: 10 };

/** The floats of a graph's weights, scales of whole ones among them; others hold sizes and axes. */
export function floatWeights({ initializer }: GraphProto): TensorProto[] {
  return initializer.filter(({ dataType }) => Object.values(elementTypes).includes(dataType));
}

/** Makes a weight's numbers larger by a hundredth. */
export function nudge({ initializer }: GraphProto, name: string): void {
  const tensor = initializer.find((one) => one.name === name) as TensorProto;
  const values = floatsOf(tensor).map((value) => value * 1.01);
  tensor.rawData = tensor.dataType === elementTypes.float16 ? float16Bytes(values) : new Uint8Array(values.buffer);
}

export function floatsOf({ dataType, rawData }: TensorProto): Float32Array {
  const bytes = rawData.slice().buffer;
  if (dataType !== elementTypes.float16) return new Float32Array(bytes);
  return Float32Array.from(new Uint16Array(bytes), fromFloat16);
}

function fromFloat16(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -size : size;
}

/** By search, so as to stand on nothing that is tested. */
function float16Bytes(values: Float32Array): Uint8Array {
  const nearest = (value: number) => {
    let [low, high] = [0, 0x7bff]; // positive numbers lie in the order of their bits
    while (low < high) {
      const middle = (low + high) >> 1;
      if (fromFloat16(middle) < Math.abs(value)) low = middle + 1;
      else high = middle;
    }
    return low | (value < 0 ? 0x8000 : 0);
  };
  return new Uint8Array(Uint16Array.from(values, nearest).buffer);
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
