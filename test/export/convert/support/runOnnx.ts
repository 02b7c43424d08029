import { InferenceSession, Tensor } from 'onnxruntime-node';

export interface Rows {
  shape: number[];
  data: Float32Array;
}

/** In Node, on one thread. @param inputs in the file's order; whole numbers and truth values as float32 too. */
export async function runOnnx(bytes: Uint8Array, inputs: Rows[]): Promise<Rows[]> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  const feeds = session.inputNames.map((name, i) => {
    const { shape, data } = inputs[i] as Rows;
    const { type } = session.inputMetadata[i] as { type: string };
    if (type === 'bool') return [name, new Tensor('bool', Uint8Array.from(data), shape)];
    return [name, type === 'int32' ? new Tensor('int32', Int32Array.from(data), shape) : new Tensor(data, shape)];
  });
  const outputs = await session.run(Object.fromEntries(feeds));
  const rows = session.outputNames.map((name): Rows => {
    const { dims, data } = outputs[name] as Tensor;
    return { shape: [...dims], data: Float32Array.from(data as Float32Array, Number) };
  });
  await session.release();
  return rows;
}
