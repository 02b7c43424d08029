import type { Random } from '#core/random.ts';
import type { Augmentation } from './augmentation.ts';

export interface Size {
  width: number;
  height: number;
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
  picture: Size,
  size: Size,
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
