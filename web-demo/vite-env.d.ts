/// <reference types="vite/client" />

/** ONNX Runtime's binaries, as the build has read them. */
declare const RUNTIMES: Record<'wasm' | 'webgpu', { file: string; sha256: string; bytes: number }>;

declare module 'virtual:foretold' {
  const scores: import('./match/foretoldKey.ts').Foretold;
  export default scores;
}
