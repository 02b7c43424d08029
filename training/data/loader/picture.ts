import type { Random } from '#core/random.ts';
import type { Augmentation } from './augmentation.ts';

/** Rows from the top. */
export interface Raster {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
  channels: 3 | 4;
}

/** Which part of a picture is shown, and how. */
export interface PictureCut {
  left: number;
  top: number;
  isMirrored: boolean;
  /** Factor of every value. */
  brightness: number;
  /** 0 grey, 1 as it is. */
  saturation: number;
}

/** @param size of the part. The same random numbers are taken whatever is switched on. */
export function drawCut(
  picture: { width: number; height: number },
  size: { width: number; height: number },
  { randomCrop, flip, brightness, saturation }: Augmentation,
  random: Random,
): PictureCut {
  const place = (spare: number) => {
    const any = random.integer(spare + 1);
    return randomCrop ? any : Math.floor(spare / 2);
  };
  return {
    left: place(picture.width - size.width),
    top: place(picture.height - size.height),
    isMirrored: random.uniform() < 0.5 && flip,
    brightness: 1 + random.uniform(-brightness, brightness),
    saturation: 1 + random.uniform(-saturation, saturation),
  };
}

/**
 * Cuts, mirrors and colours in one pass. Grey is Rec. 601's luma, as in Pillow and JPEG.
 *
 * @param target RGB uint8 `[size.height, size.width, 3]`, written over.
 */
export function writeCut(
  { data, width, channels }: Raster,
  cut: PictureCut,
  size: { width: number; height: number },
  target: Uint8Array,
): void {
  // Whole numbers: 16 bits after the point.
  const own = Math.round(cut.brightness * cut.saturation * 65536);
  const grey = cut.brightness * (1 - cut.saturation);
  const [red, green, blue] = [0.299, 0.587, 0.114].map((weight) => Math.round(grey * weight * 65536)) as [
    number,
    number,
    number,
  ];
  const step = cut.isMirrored ? -channels : channels;
  for (let y = 0, to = 0; y < size.height; y++) {
    let from = channels * ((cut.top + y) * width + cut.left + (cut.isMirrored ? size.width - 1 : 0));
    for (let x = 0; x < size.width; x++, from += step, to += 3) {
      const r = data[from] as number;
      const g = data[from + 1] as number;
      const b = data[from + 2] as number;
      const common = red * r + green * g + blue * b + 32768;
      target[to] = clamp((own * r + common) >> 16);
      target[to + 1] = clamp((own * g + common) >> 16);
      target[to + 2] = clamp((own * b + common) >> 16);
    }
  }
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
