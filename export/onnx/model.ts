import { encodeModel } from './encode.ts';
import type { GraphBuilder } from './graph.ts';

// Triton and older runtimes load these: ONNX 1.12 (2022) and later.
const irVersion = 8;
const opset = 17;

export interface ModelOptions {
  doc: string;
  /** Of the program that writes. */
  producerVersion: string;
  /** Shown in Netron beside the graph. */
  metadata: Record<string, string>;
}

/** @returns the bytes of an `.onnx` file. */
export function modelBytes(graph: GraphBuilder, { doc, producerVersion, metadata }: ModelOptions): Uint8Array {
  const built = graph.build();
  const domains = new Set(built.node.map(({ domain = '' }) => domain).filter(Boolean));
  return encodeModel({
    irVersion,
    opsetImport: [{ domain: '', version: opset }, ...[...domains].map((domain) => ({ domain, version: 1 }))],
    producerName: 'clapper',
    producerVersion,
    docString: doc,
    graph: built,
    metadataProps: metadataProps(metadata),
  });
}

export function metadataProps(metadata: Record<string, string>): { key: string; value: string }[] {
  return Object.entries(metadata).map(([key, value]) => ({ key, value }));
}
