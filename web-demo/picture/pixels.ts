/** @param image RGB uint8 `[H, W, 3]`. @returns the same, to be drawn. */
export function pixelsOf(image: Uint8Array, { width, height }: { width: number; height: number }): ImageData {
  const pixels = new ImageData(width, height);
  for (let from = 0, to = 0; from < image.length; from += 3, to += 4) {
    pixels.data[to] = image[from] as number;
    pixels.data[to + 1] = image[from + 1] as number;
    pixels.data[to + 2] = image[from + 2] as number;
    pixels.data[to + 3] = 255;
  }
  return pixels;
}
