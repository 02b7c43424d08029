import { InputError } from '#core/errors.ts';
import type { FileRef } from '../files/tree.ts';
import { inputOf, runFfmpeg } from './ffmpeg.ts';
import { type PreparedPicture, preparePixels } from './picture.ts';
import type { SoundTrack, VideoTrack } from './probe.ts';

export interface Frame extends PreparedPicture {
  /** When it is first shown, on the sound's clock. */
  timeSeconds: number;
}

export interface VideoOptions {
  picture: VideoTrack;
  sound: SoundTrack;
  /** Of the frames, in pixels. */
  shortSide: number;
  /** The first frame of each 1 / framesPerSecond is taken. */
  framesPerSecond: number;
}

/**
 * Frames, turned as the track says, and the sound as a WAV file at the track's own rate. Both are of one run of FFmpeg and so on one clock,
 * which begins with the track that begins first; silence fills in where the sound begins later, or has gaps.
 */
export async function readVideo(file: FileRef, options: VideoOptions): Promise<{ frames: Frame[]; wav: Buffer }> {
  const { picture, sound, shortSide } = options;
  const size = decodedSize(options);
  const args = [
    ...['-nostdin', '-nostats', '-v', 'info', '-i', inputOf(file)],
    ...['-map', `0:${picture.index}`, '-vf', pictureFilters(options, size), '-fps_mode', 'passthrough'],
    ...['-c:v', 'rawvideo', '-f', 'rawvideo', 'pipe:1'],
    // Corrected where it is 10 ms off; jitter of containers that keep milliseconds is left as it is.
    ...['-map', `0:${sound.index}`, '-af', 'aresample=async=1:min_hard_comp=0.01:first_pts=0'],
    // What has more channels is mixed as players do, their weights known to FFmpeg.
    ...(sound.channels > 2 ? ['-ac', '2'] : []),
    ...['-c:a', 'pcm_s16le', '-f', 'wav', 'pipe:3'],
  ];
  const wav: Buffer[] = [];
  const pictures: PreparedPicture[] = [];
  const rgb = new Uint8Array(3 * size.width * size.height);
  let filled = 0;
  const takePixels = async (part: Buffer) => {
    for (let start = 0; start < part.length; ) {
      const piece = part.subarray(start, start + rgb.length - filled);
      rgb.set(piece, filled);
      [start, filled] = [start + piece.length, filled + piece.length];
      if (filled < rgb.length) continue;
      pictures.push(await preparePixels({ data: rgb, ...size }, shortSide));
      filled = 0;
    }
  };
  const said = await runFfmpeg({ program: 'ffmpeg', args, take: [takePixels, (part) => void wav.push(part)] });
  const times = timesOf(said);
  if (times.length !== pictures.length)
    throw new InputError('It does not say when its frames are shown.', 'unreadable_media');
  const frames = pictures.map((picture, i) => ({ ...picture, timeSeconds: times[i] as number }));
  return { frames, wav: Buffer.concat(wav) };
}

/** FFmpeg makes frames smaller, in the one pass; what is smaller already is enlarged as all pictures are. */
function decodedSize({ picture: { size }, shortSide }: VideoOptions): Size {
  const scale = Math.min(1, shortSide / Math.min(size.width, size.height));
  const scaled = (side: number) => Math.max(1, Math.round(side * scale));
  return { width: scaled(size.width), height: scaled(size.height) };
}

interface Size {
  width: number;
  height: number;
}

function pictureFilters({ picture, framesPerSecond }: VideoOptions, size: Size): string {
  // A millisecond of room, for many a container keeps no finer times.
  const cell = (time: string) => `floor((${time}+0.001)*${framesPerSecond})`;
  // To linear light, to sRGB's primaries, and the brightest brought into its range.
  const toSdr =
    'zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p';
  return [
    ...(picture.isInterlaced ? ['yadif=deint=interlaced'] : []),
    `select='isnan(prev_selected_t)+gt(${cell('t')},${cell('prev_selected_t')})'`,
    ...(picture.isHdr ? [toSdr] : []),
    `scale=${size.width}:${size.height}:flags=lanczos+accurate_rnd+full_chroma_int`,
    'setsar=1',
    'format=rgb24',
    'showinfo', // says each frame's time
  ].join(',');
}

/** As `showinfo` says them: whole numbers of its time base, for in seconds it keeps six digits. */
function timesOf(said: string): number[] {
  const times: number[] = [];
  let secondsPerTick = Number.NaN;
  for (const [, numerator, denominator, pts] of said.matchAll(
    /Parsed_showinfo.*?(?:config in time_base: (\d+)\/(\d+)|\bpts: *(-?\d+|NOPTS))/g,
  )) {
    if (numerator) secondsPerTick = Number(numerator) / Number(denominator);
    else if (Number.isFinite(Number(pts) * secondsPerTick)) times.push(Number(pts) * secondsPerTick);
  }
  return times;
}
