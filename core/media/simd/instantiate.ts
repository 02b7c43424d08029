/** @param base64 a module that needs nothing from outside, small enough to be compiled at once in any thread. */
export function instantiate<Exports>(base64: string): Exports {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as Exports;
}
