import { type ModelProto, modelMessage } from './messages.ts';

/** @returns the bytes of an `.onnx` file; the same for the same model. */
export function encodeModel(model: ModelProto): Uint8Array {
  const problem = modelMessage.verify(model);
  if (problem) throw new TypeError(`Expected an ONNX model but ${problem}.`);
  return modelMessage.encode(model).finish(true); // the bytes as they were gathered, without a copy
}
