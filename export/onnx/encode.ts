import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

/** The messages of `onnx.proto` as plain objects: its field names in camelCase. */
export interface ModelProto {
  irVersion: number;
  opsetImport: { domain: string; version: number }[];
  producerName: string;
  producerVersion: string;
  docString: string;
  graph: GraphProto;
  metadataProps: { key: string; value: string }[];
}

export interface GraphProto {
  name: string;
  docString: string;
  input: ValueInfoProto[];
  output: ValueInfoProto[];
  valueInfo: ValueInfoProto[];
  initializer: TensorProto[];
  node: NodeProto[];
}

export interface NodeProto {
  name: string;
  opType: string;
  input: string[];
  output: string[];
  attribute: AttributeProto[];
  docString?: string;
}

/** `type` says which of the other fields holds the value. */
export type AttributeProto = { name: string } & (
  | { type: 1; f: number }
  | { type: 2; i: number }
  | { type: 7; ints: number[] }
);

export interface ValueInfoProto {
  name: string;
  type: { tensorType: { elemType: number; shape: { dim: ({ dimValue: number } | { dimParam: string })[] } } };
  docString?: string;
}

export interface TensorProto {
  name: string;
  dataType: number;
  dims: number[];
  rawData: Uint8Array;
}

const onnx = protobuf.parse(readFileSync(new URL('onnx.proto', import.meta.url), 'utf8')).root;
const modelProto = onnx.lookupType('onnx.ModelProto');

/** @returns the bytes of an `.onnx` file; the same for the same model. */
export function encodeModel(model: ModelProto): Uint8Array {
  const problem = modelProto.verify(model);
  if (problem) throw new TypeError(`Expected an ONNX model but ${problem}.`);
  return modelProto.encode(model).finish();
}
