import { Pica } from 'pica';
import type { ImageInput } from '../bundle/manifest.ts';
import { InputError } from '../errors.ts';

/** A decoded picture: RGBA, rows from the top, alpha not multiplied in. A canvas' `ImageData` is one. */
export interface Pixels {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
}

/** A resized picture may be this many pixels long before its centre is cut. */
const maxLongSide = 16_384;

// Without WebAssembly, whose memory would keep the size of the largest picture; the numbers are the same.
const resizer = new Pica({ features: ['js'] });

/**
 * Lays the picture on the background, resizes it to the model's short side (Lanczos) and cuts the centre out.
 *
 * @returns RGB uint8 `[height, width, 3]` of the model's size.
 * @throws {InputError} for a picture without pixels, or one too narrow to resize.
 */
export async function prepareImage({ data, width, height }: Pixels, input: ImageInput): Promise<Uint8Array> {
  if (data.length !== width * height * 4 || data.length === 0) {
    throw new InputError(
      `Expected ${width} × ${height} RGBA pixels but received ${data.length} bytes.`,
      'unreadable_media',
    );
  }
  const scale = input.shortSide / Math.min(width, height);
  const toWidth = Math.max(input.width, Math.round(width * scale));
  const toHeight = Math.max(input.height, Math.round(height * scale));
  if (Math.max(toWidth, toHeight) > maxLongSide) {
    throw new InputError(
      `Expected a picture but ${width} × ${height} pixels are a line. Cut out the part that matters.`,
    );
  }
  const opaque = onWhite(data);
  const isRightSize = toWidth === width && toHeight === height;
  const resized = isRightSize
    ? opaque
    : await resizer.resizeBuffer({ src: opaque, width, height, toWidth, toHeight, filter: 'lanczos3' });
  return cutCentre({ data: resized, width: toWidth, height: toHeight }, input);
}

function onWhite(rgba: Pixels['data']): Pixels['data'] {
  if (isOpaque(rgba)) return rgba; // a photograph's copy would take hundreds of megabytes
  const opaque = new Uint8Array(rgba);
  for (let i = 0; i < opaque.length; i += 4) {
    const alpha = opaque[i + 3] as number;
    if (alpha === 255) continue;
    for (let channel = i; channel < i + 3; channel++) {
      opaque[channel] = Math.round(255 + (((opaque[channel] as number) - 255) * alpha) / 255);
    }
    opaque[i + 3] = 255;
  }
  return opaque;
}

function isOpaque(rgba: Pixels['data']): boolean {
  for (let alpha = 3; alpha < rgba.length; alpha += 4) if (rgba[alpha] !== 255) return false;
  return true;
}

function cutCentre({ data, width, height }: Pixels, cut: { width: number; height: number }): Uint8Array {
  const left = Math.floor((width - cut.width) / 2);
  const top = Math.floor((height - cut.height) / 2);
  const rgb = new Uint8Array(cut.width * cut.height * 3);
  for (let y = 0, to = 0; y < cut.height; y++) {
    for (let x = 0; x < cut.width; x++) {
      const from = 4 * ((top + y) * width + left + x);
      for (let channel = 0; channel < 3; channel++) rgb[to++] = data[from + channel] as number;
    }
  }
  return rgb;
}
