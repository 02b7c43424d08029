import sharp from 'sharp';
import { type ClipFile, damagedFile, readPicture, type Shards } from '#core/datasets/clipFiles.ts';
import type { Pixels } from '#core/media/image.ts';

/** @throws {InputError} for a damaged shard or picture. */
export async function decodePicture(shards: Shards, file: ClipFile): Promise<Pixels> {
  const jpeg = readPicture(shards, file);
  const { data, info } = await sharp(jpeg, { failOn: 'error' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause) => {
      throw damagedFile(shards, file, `it cannot be decoded (${cause.message})`);
    });
  return { data, width: info.width, height: info.height };
}
