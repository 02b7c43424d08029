/** A place in WebAssembly's memory that a decoder of the family of `@wasm-audio-decoders` keeps. */
export interface Pointer {
  ptr: number;
}

type Wasm<Name extends string> = Record<Name, (...args: number[]) => number>;

/**
 * The WebAssembly behind such a decoder. The packages' own `reset` makes all of it again for every file, 3 to 9 ms of processor time; a new
 * decoder in the same memory takes 0.01. Their versions are pinned, and tests decode file after file with them.
 */
export function wasmOf<Name extends string>(decoder: unknown, ..._names: Name[]): Wasm<Name> {
  return (decoder as { _common: { wasm: Wasm<Name> } })._common.wasm;
}
