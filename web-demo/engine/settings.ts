import type { Variant } from '#core/bundle/graphs.ts';

/** What can run the graphs: WebAssembly with several threads or with one, WebGPU, or the server over REST. */
export const backends = ['wasm-threads', 'wasm', 'webgpu', 'server'] as const;
export type Backend = (typeof backends)[number];

export interface EngineSettings {
  /** null: the server's first. */
  model: string | null;
  variant: Variant;
  backend: Backend;
}

/** What the worker is told first. */
export interface OpenRequest extends EngineSettings {
  /** The page's address, ending with a slash. */
  base: string;
}
