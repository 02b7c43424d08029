import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import type { Rows } from './rows.ts';

/** Loads a file's bytes in ONNX Runtime. @throws what ONNX Runtime says of a graph that it cannot load. */
export async function openOnnx(bytes: Uint8Array): Promise<OnnxModel> {
  env.logLevel = 'fatal'; // what goes wrong is said by what is thrown
  // All but the rearrangement of weights for this processor, which takes their memory once more.
  const graphOptimizationLevel = 'extended';
  return new OnnxModel(await InferenceSession.create(bytes, { logSeverityLevel: 4, graphOptimizationLevel }));
}

export class OnnxModel {
  readonly #session: InferenceSession;

  constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** @param inputs in the order of the graph's. */
  async run(inputs: Rows[]): Promise<Rows[]> {
    const feeds = this.#session.inputNames.map((name, i): [string, Tensor] => {
      const { shape, dtype, data } = inputs[i] as Rows;
      if (dtype === 'bool') return [name, new Tensor('bool', Uint8Array.from(data), shape)];
      return [
        name,
        dtype === 'int32'
          ? new Tensor('int32', data as Int32Array, shape)
          : new Tensor('float32', data as Float32Array, shape),
      ];
    });
    const outputs = await this.#session.run(Object.fromEntries(feeds), { logSeverityLevel: 4 });
    return this.#session.outputNames.map((name) => {
      const { dims, data } = outputs[name] as Tensor;
      return {
        shape: [...dims],
        dtype: 'float32',
        data: data instanceof Float32Array ? data : Float32Array.from(data as Int32Array, Number),
      };
    });
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}
