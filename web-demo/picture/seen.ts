import { h } from '../dom.ts';
import { text } from '../text.ts';

/** The pixels that the model sees, as they are. @param size of the model's pictures. */
export function createSeen({ width, height }: { width: number; height: number }): {
  element: HTMLCanvasElement;
  show(image: Uint8Array | null): void;
} {
  const element = h('canvas', {
    class: 'seen',
    width,
    height,
    role: 'img',
    'aria-label': text.picture.seesLabel(width, height),
  });
  const show = (image: Uint8Array | null) => {
    const pixels = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      pixels.data.set([image?.[3 * i] ?? 0, image?.[3 * i + 1] ?? 0, image?.[3 * i + 2] ?? 0, 255], 4 * i);
    }
    element.getContext('2d')?.putImageData(pixels, 0, 0);
  };
  show(null);
  return { element, show };
}
