/** A place in WebAssembly's memory that a decoder of the family of `@wasm-audio-decoders` keeps. */
export interface Pointer {
  ptr: number;
}

type Wasm<Name extends string> = Record<Name, (...args: number[]) => number> & { HEAP: ArrayBuffer };

/**
 * The WebAssembly behind such a decoder. The packages' own `reset` makes all of it again for every file, 3 to 9 ms of processor time; a new
 * decoder in the same memory takes 0.01. Their versions are pinned, and tests decode file after file with them.
 */
export function wasmOf<Name extends string>(decoder: unknown, ..._names: Name[]): Wasm<Name> {
  return (decoder as { _common: { wasm: Wasm<Name> } })._common.wasm;
}

/**
 * Whether more than half of such a decoder's memory is free: files leave some of theirs behind, and none of these memories
 * grows.
 */
export function hasRoom(decoder: unknown): boolean {
  const wasm = wasmOf(decoder, 'malloc', 'free');
  const place = wasm.malloc(2 ** 20); // so much comes from the end of what is used
  wasm.free(place);
  return place !== 0 && place < wasm.HEAP.byteLength / 2;
}
