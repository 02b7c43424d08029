import { avClips } from './avClips.ts';
import { byClass } from './byClass.ts';
import { digits } from './digits.ts';
import { esc50 } from './esc50.ts';
import { flickrSoundnet } from './flickrSoundnet.ts';
import { imagenetVal } from './imagenetVal.ts';
import type { Item, Kind } from './kind.ts';
import type { KindName } from './names.ts';
import { videos } from './videos.ts';

/** Each reads its own items alone; to everything else they are just items. */
export const kinds = {
  'av-clips': avClips,
  'by-class': byClass,
  digits,
  esc50,
  'flickr-soundnet': flickrSoundnet,
  'imagenet-val': imagenetVal,
  videos,
} as unknown as Record<KindName, Kind<Item>>;
