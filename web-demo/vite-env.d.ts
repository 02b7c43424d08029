/// <reference types="vite/client" />

/** Size of ONNX Runtime's WebAssembly file, told by vite.config.ts: a compressed answer does not say it. */
declare const RUNTIME_BYTES: number;
