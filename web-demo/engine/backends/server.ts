import { findGraph, type GraphTensor, rowLength } from '#core/bundle/graphs.ts';
import type { RunGraph } from '#core/bundle/open.ts';
import { InputError } from '#core/errors.ts';
import { text } from '../../text.ts';
import type { GraphRunner } from './backend.ts';

const headerLength = 'inference-header-content-length';
const types = { float32: 'FP32', uint8: 'UINT8' } as const;

/** As long as a download may stall. */
const patienceMs = 10_000;

/** Sends what the graphs take to the server: the Open Inference Protocol, with numbers as bytes. */
export function createServerRunner(base: string): GraphRunner {
  return {
    threads: null,
    async load(manifest, { variant }) {
      const run: RunGraph = async (name, inputs, outputs) => {
        const graph = findGraph(manifest, name);
        if (!graph) throw new RangeError(`The model has no graph "${name}".`);
        const bodies = graph.inputs.map(({ name }) => inputs[name] as Float32Array | Uint8Array);
        const header = JSON.stringify({
          inputs: graph.inputs.map((tensor, i) => describe(tensor, bodies[i] as Float32Array | Uint8Array)),
          outputs: outputs.map((name) => ({ name, parameters: { binary_data: true } })),
        });
        const url = `${base}v2/models/${manifest.name}.${name}/versions/${variant}/infer`;
        const { response, bytes } = await post(url, new Blob([header]), bodies as BlobPart[]);
        if (!response.ok) throw new InputError(refusalOf(response.status, bytes), 'not_found');
        return readOutputs(bytes, Number(response.headers.get(headerLength)), outputs);
      };
      return { run, release: async () => {} };
    },
  };
}

function describe(tensor: GraphTensor, data: Float32Array | Uint8Array) {
  const {
    name,
    dtype,
    shape: [, ...rest],
  } = tensor;
  return {
    name,
    datatype: types[dtype],
    shape: [data.length / rowLength(tensor), ...rest],
    parameters: { binary_data_size: data.byteLength },
  };
}

async function post(
  url: string,
  header: Blob,
  bodies: BlobPart[],
): Promise<{ response: Response; bytes: ArrayBuffer }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { [headerLength]: String(header.size), 'content-type': 'application/octet-stream' },
      body: new Blob([header, ...bodies]),
      signal: AbortSignal.timeout(patienceMs),
    });
    return { response, bytes: await response.arrayBuffer() };
  } catch (cause) {
    throw new InputError(text.noServer, 'not_found', { cause });
  }
}

function refusalOf(status: number, bytes: ArrayBuffer): string {
  try {
    const { error } = JSON.parse(new TextDecoder().decode(bytes)) as { error: unknown };
    if (typeof error === 'string') return error;
  } catch {}
  return text.noRest(status);
}

function readOutputs<Output extends string>(
  bytes: ArrayBuffer,
  headerBytes: number,
  outputs: readonly Output[],
): Record<Output, Float32Array> {
  let at = headerBytes;
  const header = JSON.parse(new TextDecoder().decode(bytes.slice(0, at))) as {
    outputs: { name: string; parameters: { binary_data_size: number } }[];
  };
  const given = new Map<string, Float32Array>();
  for (const { name, parameters } of header.outputs) {
    given.set(name, new Float32Array(bytes.slice(at, at + parameters.binary_data_size)));
    at += parameters.binary_data_size;
  }
  return Object.fromEntries(outputs.map((name) => [name, given.get(name)])) as Record<Output, Float32Array>;
}
