import { h } from '../dom.ts';
import { text } from '../text.ts';
import { pixelsOf } from './pixels.ts';

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
    const pixels = pixelsOf(image ?? new Uint8Array(3 * width * height), { width, height });
    element.getContext('2d')?.putImageData(pixels, 0, 0);
  };
  show(null);
  return { element, show };
}
