import { join } from 'node:path';
import type { Skipped } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { decodeAudio } from '#core/media/audio.ts';
import { splitOfFolders } from '../files/labelled.ts';
import { looksLike, openTree } from '../files/tree.ts';
import { expectFfmpeg, type Frame, probeVideo, readFrames, readSoundTrack } from '../media/ffmpeg.ts';
import { oneFolder } from './fileItem.ts';
import type { ClipSettings, DecodedItem, Item, Kind, Picture } from './kind.ts';

interface VideoItem extends Item {
  root: string;
  name: string;
}

/** A folder of videos, each cut into clips of equal length: its sound, and several frames with their times. */
export const videos: Kind<VideoItem> = {
  pairing: 'same-clip',
  defaults: { from: [], sampleRate: 48_000, itemsPerShard: 16 },
  async list(from) {
    const folder = oneFolder(from, 'videos');
    await expectFfmpeg();
    const skipped: Skipped[] = [];
    const items = Array.from((await openTree(folder)).values()).flatMap(({ root, name, inTar }): VideoItem[] => {
      if (!looksLike('video', name)) return [];
      if (inTar) skipped.push({ file: name, reason: `Unpack ${inTar.name}: videos are read in place.`, broken: true });
      const split = splitOfFolders(name.split('/'));
      return inTar ? [] : [{ id: name, source: name, split, fold: null, categories: [], files: 1, root, name }];
    });
    return {
      description: 'Videos: frames and the sound around them',
      licence: 'not stated',
      categories: [],
      items,
      skipped,
    };
  },
  async decode({ root, name }, settings) {
    const path = join(root, name);
    const leaveOut = (reason: string): DecodedItem => ({ clips: [], skipped: [{ file: name, reason, broken: false }] });
    const { hasSound, size } = await probeVideo(path);
    if (!size) return leaveOut('It has no pictures.');
    if (!hasSound) return leaveOut('It has no sound.');
    const waveform = await decodeAudio(await readSoundTrack(path), settings);
    const scale = Math.min(1, settings.shortSide / Math.min(size.width, size.height));
    const fitted = { width: Math.round(size.width * scale), height: Math.round(size.height * scale) };
    const frames = await readFrames(path, { size: fitted, framesPerSecond: settings.framesPerSecond });
    if (frames.length === 0) throw new InputError('No frame of it can be read.', 'unreadable_media');
    return cut({ name, waveform, frames, size: fitted }, settings);
  },
};

interface DecodedVideo {
  name: string;
  waveform: Float32Array;
  frames: Frame[];
  size: { width: number; height: number };
}

/** Into as few clips of equal length as `clipSeconds` allows. */
function cut({ name, waveform, frames, size }: DecodedVideo, settings: ClipSettings): DecodedItem {
  const { sampleRate, clipSeconds } = settings;
  const count = Math.ceil(waveform.length / (clipSeconds * sampleRate));
  const result: DecodedItem = { clips: [], skipped: [] };
  for (let clip = 0; clip < count; clip++) {
    const [start, end] = [clip, clip + 1].map((edge) => Math.round((edge * waveform.length) / count)) as [
      number,
      number,
    ];
    const startSeconds = start / sampleRate;
    const pictures: Picture[] = frames
      .filter(({ timeSeconds }) => timeSeconds >= startSeconds && timeSeconds < end / sampleRate)
      .map(({ jpeg, timeSeconds }) => ({
        jpeg,
        ...size,
        timeSeconds: Math.round(1e6 * (timeSeconds - startSeconds)) / 1e6,
      }));
    if (pictures.length > 0)
      result.clips.push({ sound: { waveform: waveform.subarray(start, end), startSeconds }, pictures });
    else
      result.skipped.push({
        file: `${name} from ${startSeconds.toFixed(1)} s`,
        reason: 'It has no pictures.',
        broken: false,
      });
  }
  return result;
}
