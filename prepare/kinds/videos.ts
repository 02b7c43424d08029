import type { Skipped } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { decodeAudio } from '#core/media/audio.ts';
import { isMedium, notA } from '../files/content.ts';
import { overruled, readFolders } from '../files/folders.ts';
import { countFoldsFromOne } from '../files/parts.ts';
import { type FileRef, openTree } from '../files/tree.ts';
import { expectFfmpeg } from '../media/ffmpeg.ts';
import { probeVideo } from '../media/probe.ts';
import { type Frame, readVideo } from '../media/readVideo.ts';
import { ownSplits } from '../splits.ts';
import { oneFolder } from './fileItem.ts';
import type { ClipSettings, DecodedItem, Item, Kind, Picture } from './kind.ts';

interface VideoItem extends Item {
  file: FileRef;
}

/** A folder of videos, each cut into clips of equal length: its sound, and several frames with their times. */
export const videos: Kind<VideoItem> = {
  pairing: 'same-clip',
  defaults: { from: [], sampleRate: 48_000, itemsPerShard: 16 },
  async list(from) {
    const folder = oneFolder(from, 'videos');
    await expectFfmpeg();
    const tree = await openTree(folder);
    const skipped: Skipped[] = [...tree.skipped];
    const files: FileRef[] = [];
    for (const file of tree.files.values()) {
      if (mayBeVideo(file)) files.push(file);
      else skipped.push({ file: file.name, reason: notA('video', file), broken: false });
    }
    const names = files.map(({ name }) => name);
    const folderFacts = readFolders(names);
    const counted = countFoldsFromOne(
      files.map((file) => {
        const { split, fold } = folderFacts(file.name);
        return { file, split, fold };
      }),
    );
    const own = ownSplits(counted.files);
    return {
      description: 'Videos: frames and the sound around them',
      licence: 'not stated',
      categories: [],
      items: counted.files.map(({ file, split, fold }): VideoItem => {
        const { name } = file;
        const ownSplit = own.splitOf({ split, fold });
        return { id: name, source: name, split: ownSplit, fold, categories: [], files: 1, file };
      }),
      skipped,
      notes: [
        `${files.length} files that may be videos.`,
        ...overruled(names, folderFacts),
        ...counted.notes,
        ...own.notes,
      ],
    };
  },
  filesOf: ({ file }) => [file],
  async decode({ file }, settings) {
    const { name } = file;
    const leaveOut = (reason: string): DecodedItem => ({ clips: [], skipped: [{ file: name, reason, broken: false }] });
    const { picture, sound, others } = await probe(file);
    if (!picture && !sound) return leaveOut('FFmpeg finds neither pictures nor sound in it.');
    if (!picture) return leaveOut('It has no pictures.');
    if (!sound) return leaveOut('It has no sound.');
    const { shortSide, framesPerSecond } = settings;
    const { frames, wav } = await readVideo(file, { picture, sound, shortSide, framesPerSecond });
    if (frames.length === 0) throw new InputError('No frame of it can be read.', 'unreadable_media');
    const notes: string[] = [];
    const waveform = await decodeAudio(wav, { ...settings, onNote: (note) => notes.push(note) });
    const { clips, skipped } = cut({ name, waveform, frames }, settings);
    const unused = others.map((track) => ({ file: `${name}, ${track}`, reason: oneTrack, broken: false }));
    const unheard = notes.map((reason) => ({ file: `${name}, its sound in part`, reason, broken: false }));
    return { clips, skipped: [...skipped, ...unused, ...unheard] };
  },
};

const oneTrack = 'Of several tracks the default one is taken, or the first.';

/** FFmpeg says what it reads of files that nothing else knows. */
function mayBeVideo(file: FileRef): boolean {
  const { medium, format } = file.holds;
  return isMedium('video', file) || (medium === null && format === '' && file.bytes > 0);
}

async function probe(file: FileRef): ReturnType<typeof probeVideo> {
  try {
    return await probeVideo(file);
  } catch (error) {
    if (error instanceof InputError && !isMedium('video', file)) return { picture: null, sound: null, others: [] };
    throw error;
  }
}

interface DecodedVideo {
  name: string;
  waveform: Float32Array;
  frames: Frame[];
}

/** Into as few clips of equal length as `clipSeconds` allows. */
function cut({ name, waveform, frames }: DecodedVideo, settings: ClipSettings): DecodedItem {
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
      .map((frame) => ({ ...frame, timeSeconds: Math.round(1e6 * (frame.timeSeconds - startSeconds)) / 1e6 }));
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
