import { InputError } from '#core/errors.ts';
import { decodeAudio } from '#core/media/audio.ts';
import { type FileRef, readRef } from '../files/tree.ts';
import { preparePicture } from '../media/picture.ts';
import type { ClipSettings, DecodedItem, Item, Picture } from './kind.ts';

/** An item of sound and picture files that need nothing but decoding. */
export interface FileItem extends Item {
  sound: FileRef | null;
  pictures: { file: FileRef; timeSeconds: number | null }[];
}

/** One clip. Without its sound it is nothing; of its pictures those that cannot be used are left out. */
export async function decodeFiles(item: FileItem, { sampleRate, shortSide }: ClipSettings): Promise<DecodedItem> {
  const skipped: DecodedItem['skipped'] = [];
  const attempt = async <T>(file: FileRef, work: (bytes: Buffer) => Promise<T>): Promise<T | null> => {
    try {
      return await work(await readRef(file));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const { code } = error as NodeJS.ErrnoException; // the system's own message names paths of this machine
      skipped.push({ file: file.name, reason: code ? `It cannot be read: ${code}.` : error.message, broken: true });
      return null;
    }
  };
  const { sound } = item;
  const onNote = (reason: string) => skipped.push({ file: `${sound?.name}, in part`, reason, broken: false });
  const waveform = sound && (await attempt(sound, (bytes) => decodeAudio(bytes, { sampleRate, onNote })));
  if (sound && !waveform) return { clips: [], skipped };
  const pictures: Picture[] = [];
  for (const { file, timeSeconds } of item.pictures) {
    const picture = await attempt(file, (bytes) => preparePicture(bytes, shortSide));
    if (picture && waveform && timeSeconds !== null && timeSeconds > waveform.length / sampleRate) {
      skipped.push({
        file: file.name,
        reason: `It was taken at ${timeSeconds} s, when the sound is over.`,
        broken: false,
      });
    } else if (picture) pictures.push({ ...picture, timeSeconds });
  }
  if (item.pictures.length > 0 && pictures.length === 0) return { clips: [], skipped };
  return { clips: [{ sound: waveform && { waveform, startSeconds: 0 }, pictures }], skipped };
}

export function filesOf({ sound, pictures }: FileItem): FileRef[] {
  return [...(sound ? [sound] : []), ...pictures.map(({ file }) => file)];
}

/** @throws {InputError} where `--from` names more or fewer folders than the kind takes. */
export function oneFolder(from: string[], kind: string): string {
  const [folder, ...others] = from;
  if (folder && others.length === 0) return folder;
  throw new InputError(`Expected one folder in --from for ${kind} but received ${from.length}: ${from.join(', ')}.`);
}
