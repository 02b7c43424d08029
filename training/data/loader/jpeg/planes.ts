import { BlockReader, readCodedData, zigzag } from './entropy.ts';
import type { Component, JpegHeader } from './header.ts';
import { dctScale, inverseDct } from './idct.ts';

export interface Region {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Luma and chroma of a part of the picture, as they stand in the file. */
export interface Planes {
  header: JpegHeader;
  /** Where the planes begin, in pixels of the picture. */
  left: number;
  top: number;
  luma: Uint8ClampedArray;
  lumaStride: number;
  blue: Uint8ClampedArray;
  red: Uint8ClampedArray;
  chromaStride: number;
}

/**
 * Decodes a region and a little around it. All codes up to its last row have to be read; the rest of the work is done for its own
 * blocks alone.
 *
 * @throws {Error} for damaged data.
 */
export function decodePlanes(bytes: Uint8Array, header: JpegHeader, region: Region): Planes {
  const { width, height, components, chromaShift, restartInterval } = header;
  const reader = new BlockReader(readCodedData(bytes, header));
  const unit = 8 << chromaShift; // pixels of an MCU's side
  const margin = 2; // one of chroma, which its neighbours blend into
  const unitsX = Math.ceil(width / unit);
  const [firstX, endX] = [region.left - margin, region.left + region.width + margin].map((x, i) =>
    Math.max(0, Math.min(unitsX, i === 0 ? Math.floor(x / unit) : Math.ceil(x / unit))),
  ) as [number, number];
  const firstY = Math.max(0, Math.floor((region.top - margin) / unit));
  const endY = Math.min(Math.ceil(height / unit), Math.ceil((region.top + region.height + margin) / unit));

  const chromaStride = 8 * (endX - firstX);
  const lumaStride = chromaStride << chromaShift;
  const chromaRows = 8 * (endY - firstY);
  const planes: Planes = {
    header,
    left: firstX * unit,
    top: firstY * unit,
    luma: new Uint8ClampedArray(lumaStride * (chromaRows << chromaShift)),
    lumaStride,
    blue: new Uint8ClampedArray(chromaStride * chromaRows),
    red: new Uint8ClampedArray(chromaStride * chromaRows),
    chromaStride,
  };
  const scales = components.map(({ quantization }) => dctScale(quantization, zigzag)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const block = new Float64Array(64);
  const side = 1 << chromaShift; // blocks of luma in an MCU's side

  const decodeBlock = (index: 0 | 1 | 2, plane: Uint8ClampedArray, start: number, stride: number) => {
    const last = reader.read(index, components[index] as Component, scales[index], block);
    if (last > 0) inverseDct(block, plane, start, stride);
    else {
      const value = (block[0] as number) + 128;
      for (let row = 0, to = start; row < 8; row++, to += stride) plane.fill(value, to, to + 8);
      block[0] = 0;
    }
  };
  const skipBlock = (index: 0 | 1 | 2) => {
    if (reader.read(index, components[index] as Component, scales[index], block) > 0) block.fill(0);
  };

  let untilRestart = restartInterval;
  for (let y = 0; y < endY; y++) {
    for (let x = 0; x < unitsX; x++) {
      if (restartInterval > 0 && untilRestart-- === 0) {
        reader.restart();
        untilRestart = restartInterval - 1;
      }
      if (y < firstY || x < firstX || x >= endX) {
        for (let i = 0; i < side * side; i++) skipBlock(0);
        skipBlock(1);
        skipBlock(2);
        continue;
      }
      const chromaStart = 8 * ((y - firstY) * chromaStride + (x - firstX));
      const lumaStart = 8 * side * ((y - firstY) * lumaStride + (x - firstX));
      for (let by = 0; by < side; by++) {
        for (let bx = 0; bx < side; bx++)
          decodeBlock(0, planes.luma, lumaStart + 8 * (by * lumaStride + bx), lumaStride);
      }
      decodeBlock(1, planes.blue, chromaStart, chromaStride);
      decodeBlock(2, planes.red, chromaStart, chromaStride);
    }
  }
  reader.checkEnd();
  return planes;
}
