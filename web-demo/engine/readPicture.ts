import type { ImageInput } from '#core/bundle/manifest.ts';
import { InputError } from '#core/errors.ts';
import { prepareImage } from '#core/media/image.ts';

/** @returns RGB uint8 `[H, W, 3]` of the model's size. */
export async function readPicture(file: Blob, input: ImageInput): Promise<Uint8Array> {
  const bitmap = await createImageBitmap(file, { premultiplyAlpha: 'none' }).catch((cause) => {
    throw new InputError(
      'This file is not a picture that the browser can read. Pick a PNG, JPEG or WebP.',
      'unsupported_media',
      { cause },
    );
  });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return prepareImage(context.getImageData(0, 0, width, height), input);
}
