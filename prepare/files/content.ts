import { posix } from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import { decodeText } from './text.ts';

export type Medium = 'sound' | 'picture' | 'video';

/** What a file's first bytes say. */
export interface Content {
  /** container: sound, or pictures, or both; null: empty, or not known. */
  medium: Medium | 'container' | 'archive' | 'text' | null;
  /** Its usual ending, without the dot; of text and of what is not known, empty. */
  format: string;
}

/** As many first bytes as decide it. */
export const headBytes = 4100;

const containers = ['mp4', 'mov', 'webm', 'mkv', '3gp', '3g2', 'asf', 'ogg', 'ogx'];
const archives = ['tar', 'zip', 'gz', 'bz2', 'xz', 'zst', 'lz4', 'lz', 'Z', '7z', 'rar', 'cab', 'tar.gz'];

export async function contentOf(head: Uint8Array): Promise<Content> {
  if (isMarked(head) && isText(head)) return { medium: 'text', format: '' };
  const { ext, mime } = (await fileTypeFromBuffer(head)) ?? { ext: null, mime: '' };
  if (!ext) return { medium: isText(head) ? 'text' : null, format: '' };
  if (containers.includes(ext)) return { medium: 'container', format: ext };
  if (archives.includes(ext)) return { medium: 'archive', format: ext };
  if (mime.startsWith('image/')) return { medium: 'picture', format: ext };
  if (mime.startsWith('audio/')) return { medium: 'sound', format: ext };
  if (mime.startsWith('video/')) return { medium: 'video', format: ext };
  return { medium: isText(head) ? 'text' : null, format: ext };
}

/** UTF-16's mark: some sounds begin with the same bytes. */
function isMarked([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** No control characters but tabs and line ends. */
function isText(head: Uint8Array): boolean {
  const codes = Array.from(decodeText(head).text, (character) => character.charCodeAt(0));
  return codes.length > 0 && codes.every((code) => (code >= 32 && code !== 0xfffd) || [9, 10, 12, 13].includes(code));
}

const endings: Record<Medium, string[]> = {
  sound: 'wav wave mp3 mp2 ogg oga opus flac m4a m4b aac webm weba mka aif aiff aifc wma amr au snd caf wv ape'.split(
    ' ',
  ),
  picture: 'jpg jpeg jpe jfif png webp gif bmp dib tif tiff avif heic heif jp2 jxl ppm pgm'.split(' '),
  video: 'mp4 m4v webm mkv mov qt avi divx flv f4v wmv asf mts m2ts mpg mpeg m2v vob ogv 3gp 3g2 mxf rm rmvb'.split(
    ' ',
  ),
};

/** What a name promises; a `.webm` may be either. */
function promises(what: Medium, name: string): boolean {
  return endings[what].includes(posix.extname(name).slice(1).toLowerCase());
}

/**
 * Whether a file is to be decoded as such. The bytes decide; the ending where a container may hold either, and where the bytes say
 * nothing: then decoding says what is wrong with it.
 */
export function isMedium(what: Medium, { name, holds }: { name: string; holds: Content }): boolean {
  if (holds.medium === what) return true;
  if (holds.medium === 'container') {
    const other = what === 'video' ? 'sound' : 'video';
    return what !== 'picture' && (promises(what, name) || !promises(other, name));
  }
  return promises(what, name) && (holds.medium === null || holds.medium === 'text');
}

/** Of those that `file-type` tells apart, what `core/media` and `node/media/picture.ts` read. FFmpeg says for itself what it reads. */
const read = {
  sound: ['wav', 'mp3', 'ogg', 'opus', 'flac', 'm4a', 'm4b', 'f4a', 'f4b', 'webm', 'mp4', 'mov', '3gp', '3g2', 'mkv'],
  picture: ['jpg', 'png', 'apng', 'webp'],
};

/** @returns why a file of that medium cannot be used, by its format alone; null: it can be tried. */
export function unreadFormat(what: Medium, { format }: Content): string | null {
  if (what === 'video' || format === '' || read[what].includes(format)) return null;
  const formats = what === 'sound' ? 'WAV, MP3, Ogg, FLAC, M4A and WebM' : 'JPEG, PNG and WebP';
  return `It is a ${what} in ${format.toUpperCase()}; ${formats} are read.`;
}

/** @returns why a file is none of the sounds, pictures or videos that are looked for. */
export function notA(what: Medium, { name, holds, bytes }: { name: string; holds: Content; bytes: number }): string {
  const { medium, format } = holds;
  if (bytes === 0) return 'It is empty.';
  if (medium === 'archive')
    return `It is an archive (${format.toUpperCase()}). Unpack it, for only plain tars are looked into.`;
  if (medium === 'text') return `It is text, and no ${what}.`;
  if (medium === null)
    return format ? `It is ${format.toUpperCase()}, and no ${what}.` : `It is nothing known, and no ${what}.`;
  const isOf = medium === 'container' ? (promises('video', name) ? 'video' : 'sound') : medium;
  return `It is a ${isOf} (${format.toUpperCase()}), and no ${what}.`;
}
