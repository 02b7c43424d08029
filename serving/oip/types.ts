/** Data types of the Open Inference Protocol that Clapper's graphs take and give. */
export type OipType = 'FP32' | 'UINT8';

/**
 * Numbers that are written out, in JSON or one by one in a gRPC message, of a question or an answer: as many take the thread 50 to 80 milliseconds to
 * read or write. Ten seconds of sound at 48 kHz are 480,000. More go as binary data.
 */
export const maxWrittenNumbers = 2 ** 19;

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

/** A line of the repository's index. */
export interface ModelIndex {
  name: string;
  version: string;
  state: 'READY' | 'UNAVAILABLE';
  reason: string;
}
