import { binary } from './binary.ts';
import { instantiate } from './instantiate.ts';

/** The inner loops of `kernels.as.ts`, where they are described. The thread's memory is scratch: nothing is kept there between two calls. */
interface Kernels {
  memory: WebAssembly.Memory;
  deinterleave(input: number, evens: number, odds: number, count: number): void;
  halfBand(...args: [evens: number, odds: number, filter: number, taps: number, output: number, count: number]): void;
  polyphase: (
    ...args: [
      input: number,
      bank: number,
      output: number,
      count: number,
      taps: number,
      phases: number,
      step: number,
      phase: number,
    ]
  ) => void;
  polyphaseBetween: (
    ...args: [
      input: number,
      bank: number,
      output: number,
      count: number,
      taps: number,
      rows: number,
      places: number,
      step: number,
      place: number,
    ]
  ) => void;
  addBytes(bytes: number, sums: number, count: number): void;
  addWeighted(row: number, weight: number, sums: number, count: number): void;
  peak(values: number, count: number): number;
  mixStereo(...args: [first: number, second: number, mean: number, found: number, count: number]): void;
}

let kernels: Kernels | undefined;

/** @returns the thread's kernels, whose memory has at least so many bytes. */
export function simdKernels(bytes: number): Kernels {
  kernels ??= ownKernels(bytes);
  makeRoom(kernels, bytes);
  return kernels;
}

/** @returns kernels of the caller's own, whose memory has at least so many bytes and keeps what is put there. */
export function ownKernels(bytes: number): Kernels {
  const own = instantiate<Kernels>(binary); // without SIMD ONNX Runtime would not run either
  makeRoom(own, bytes);
  return own;
}

function makeRoom({ memory }: Kernels, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 2 ** 16));
}
