/** Data types of the Open Inference Protocol that Clapper's graphs take and give. */
export type OipType = 'FP32' | 'UINT8';

export interface OipTensor {
  name: string;
  datatype: OipType;
  shape: number[];
  data: Float32Array | Uint8Array;
}

export interface InferRequest {
  id?: string | undefined;
  inputs: OipTensor[];
  /** Names of those that are wanted; none: all. */
  outputs: string[];
}

export interface InferResponse {
  model_name: string;
  model_version: string;
  id?: string | undefined;
  outputs: OipTensor[];
}

export interface TensorMetadata {
  name: string;
  datatype: OipType;
  /** −1: the batch. */
  shape: number[];
}

export interface ModelMetadata {
  name: string;
  versions: string[];
  platform: string;
  inputs: TensorMetadata[];
  outputs: TensorMetadata[];
}

/** What is wrong with a request, as this protocol's clients read it. */
export class OipError extends Error {
  readonly kind: 'invalid' | 'not_found' | 'too_large';
  constructor(message: string, kind: OipError['kind'] = 'invalid') {
    super(message);
    this.kind = kind;
  }
}
