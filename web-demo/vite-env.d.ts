/// <reference types="vite/client" />

/** Sizes of ONNX Runtime's WebAssembly files, told by vite.config.ts: a compressed answer does not say them. */
declare const RUNTIME_BYTES: { wasm: number; webgpu: number };
