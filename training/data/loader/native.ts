import { createRequire } from 'node:module';
import { findLoaderAddon } from './addon.ts';
import type { PictureCut, Size } from './picture.ts';

/** `native/addon.cc`, which `clapper setup` compiles. */
interface LoaderAddon {
  readSize(jpeg: Uint8Array): Size;
  writePart(
    jpeg: Uint8Array,
    target: Uint8ClampedArray,
    ...cut: [
      left: number,
      top: number,
      width: number,
      height: number,
      isMirrored: boolean,
      brightness: number,
      saturation: number,
    ]
  ): void;
  scaleSamples(samples: Int16Array, scale: number, target: Float32Array): void;
}

let loaded: LoaderAddon | undefined;

function addon(): LoaderAddon {
  loaded ??= createRequire(import.meta.url)(findLoaderAddon()) as LoaderAddon;
  return loaded;
}

/** @throws {Error} for what is no JPEG as `clapper prepare` writes it: baseline, YCbCr, 4:2:0 or 4:4:4. */
export function readSize(jpeg: Uint8Array): Size {
  return addon().readSize(jpeg);
}

/**
 * Decodes, cuts out, mirrors and colours a part of a picture: only its own blocks, and nothing twice.
 *
 * @param target RGB uint8 `[size.height, size.width, 3]`, written over; what is below 0 or above 255 is cut off.
 * @throws {Error} for a JPEG that is damaged, or smaller than the part.
 */
export function writePart(
  jpeg: Uint8Array,
  { left, top, isMirrored, brightness, saturation }: PictureCut,
  { width, height }: Size,
  target: Uint8ClampedArray,
): void {
  addon().writePart(jpeg, target, left, top, width, height, isMirrored, brightness, saturation);
}

/** Writes `scale × sample` for each. @param target `[N]`, as long as the samples or longer. */
export function scaleSamples(samples: Int16Array, scale: number, target: Float32Array): void {
  addon().scaleSamples(samples, scale, target);
}
