import type { ImageInput } from '#core/bundle/manifest.ts';
import { InputError } from '#core/errors.ts';
import { prepareImage } from '#core/media/image.ts';
import { text } from '../text.ts';

/** The largest cameras have 100 million. A server takes half of that unless it is told to take more. */
const maxPixels = 100e6;

/** Larger pictures are halved by the browser first, whose memory they would fill; the model's size is far below either way. */
const roomyPixels = 24e6;

/** @returns RGB uint8 `[H, W, 3]` of the model's size. */
export async function readPicture(file: Blob, input: ImageInput): Promise<Uint8Array> {
  const bitmap = await createImageBitmap(file, { premultiplyAlpha: 'none' }).catch((cause) => {
    throw new InputError(text.noPicture, 'unsupported_media', { cause });
  });
  const pixels = bitmap.width * bitmap.height;
  if (pixels > maxPixels) {
    bitmap.close();
    throw new InputError(text.largePicture(pixels, maxPixels), 'too_large');
  }
  const scale = Math.min(1, Math.sqrt(roomyPixels / pixels));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale))) as [
    number,
    number,
  ];
  const context = new OffscreenCanvas(width, height).getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return prepareImage(context.getImageData(0, 0, width, height), input);
}
