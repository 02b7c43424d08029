import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

// The messages of `onnx.proto` as plain objects: its field names in camelCase.

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
  /** Default ONNX's own. */
  domain?: string;
  /** The empty name stands for an input that is left out. */
  input: string[];
  output: string[];
  attribute: AttributeProto[];
  docString?: string;
}

/** `type` says which of the other fields holds the value. Strings are UTF-8. */
export type AttributeProto = { name: string } & (
  | { type: 1; f: number }
  | { type: 2; i: number }
  | { type: 3; s: Uint8Array }
  | { type: 4; t: TensorProto }
  | { type: 5; g: GraphProto }
  | { type: 6; floats: number[] }
  | { type: 7; ints: number[] }
  | { type: 8; strings: Uint8Array[] }
);

export interface ValueInfoProto {
  name: string;
  type: {
    /** A dimension that is neither is not known; so are all without `shape`. */
    tensorType: { elemType: number; shape?: { dim: { dimValue?: number; dimParam?: string }[] } };
  };
  docString?: string;
}

export interface TensorProto {
  name: string;
  dataType: number;
  dims: number[];
  rawData: Uint8Array;
}

const onnx = protobuf.parse(readFileSync(new URL('onnx.proto', import.meta.url), 'utf8')).root;
export const modelMessage = onnx.lookupType('onnx.ModelProto');
