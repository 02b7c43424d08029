import { spawn } from 'node:child_process';
import { z } from 'zod';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import { encodePixels } from './picture.ts';

/**
 * Runs the system's `ffmpeg` or `ffprobe`.
 *
 * @param take is given its output, part by part; the program waits for it.
 * @returns what it says on stderr.
 * @throws {InputError} where it is missing or fails.
 */
async function runFfmpeg(
  program: 'ffmpeg' | 'ffprobe',
  args: string[],
  take: (part: Buffer) => void | Promise<void>,
): Promise<string> {
  const child = spawn(program, ['-hide_banner', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stderr: Buffer[] = [];
  child.stderr.on('data', (part) => stderr.push(part));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('close', resolve);
    child.on('error', (cause) =>
      reject(new InputError(ffmpegMissing(program, cause.message), 'invalid_request', { cause })),
    );
  });
  ended.catch(() => {}); // seen below
  for await (const part of child.stdout) await take(part);
  const code = await ended;
  const text = Buffer.concat(stderr).toString('utf8');
  if (code === 0) return text;
  const place = args.find((arg) => arg.startsWith('file:'));
  const reason = text.trim().split('\n').at(-1)?.replace(`${place}: `, '') || `${program} ended with ${code}`;
  throw new InputError(`The video is cut short or damaged: ${reason}`, 'unreadable_media');
}

function ffmpegMissing(program: string, reason: string): string {
  return (
    `Videos are read by FFmpeg, but ${program} does not start (${reason}). ` +
    'Install it: `apt-get install ffmpeg`, `brew install ffmpeg` or https://ffmpeg.org.'
  );
}

/** @throws {InputError} where FFmpeg is not installed. */
export async function expectFfmpeg(): Promise<void> {
  for (const program of ['ffmpeg', 'ffprobe'] as const) await runFfmpeg(program, ['-version'], () => {});
}

const probeSchema = z.object({
  streams: z.array(
    z.object({
      codec_type: z.string().optional(),
      width: z.number().optional(),
      height: z.number().optional(),
      sample_aspect_ratio: z.string().optional(),
      disposition: z.object({ attached_pic: z.number() }).optional(),
      side_data_list: z.array(z.object({ rotation: z.number().optional() })).optional(),
    }),
  ),
});

export interface VideoFacts {
  hasSound: boolean;
  /** As people see it: turned, with square pixels. null: there are no pictures but perhaps a cover. */
  size: { width: number; height: number } | null;
}

export async function probeVideo(path: string): Promise<VideoFacts> {
  const args = ['-v', 'error', '-show_streams', '-of', 'json', '-i', `file:${path}`];
  const json = await collect((take) => runFfmpeg('ffprobe', args, take));
  const { streams } = parseJson(probeSchema, json.toString('utf8'), `what ffprobe says of ${path}`);
  const video = streams.find((stream) => stream.codec_type === 'video' && stream.disposition?.attached_pic !== 1);
  const hasSound = streams.some((stream) => stream.codec_type === 'audio');
  if (!video?.width || !video.height) return { hasSound, size: null };
  const [across, down] = (video.sample_aspect_ratio ?? '').split(':').map(Number);
  const width = across && down ? Math.round((video.width * across) / down) : video.width;
  const rotation = video.side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? 0;
  const isOnSide = Math.abs(rotation) % 180 === 90;
  return { hasSound, size: isOnSide ? { width: video.height, height: width } : { width, height: video.height } };
}

/**
 * The first sound track, mono, as a WAV file at the track's own rate. It begins at time 0 of the clock that the frames are on: silence
 * fills in where it starts later or has gaps.
 */
export async function readSoundTrack(path: string): Promise<Buffer> {
  const onClock = 'aresample=async=1:min_hard_comp=0.02:first_pts=0';
  const args = [
    ...['-nostdin', '-v', 'error', '-i', `file:${path}`, '-map', '0:a:0', '-af', onClock],
    // Mixed to 16 bits, for FFmpeg keeps the mix within full scale then and not in floating point.
    ...['-ac', '1', '-c:a', 'pcm_s16le', '-f', 'wav', 'pipe:1'],
  ];
  return collect((take) => runFfmpeg('ffmpeg', args, take));
}

async function collect(run: (take: (part: Buffer) => void) => Promise<unknown>): Promise<Buffer> {
  const parts: Buffer[] = [];
  await run((part) => {
    parts.push(part);
  });
  return Buffer.concat(parts);
}

export interface Frame {
  /** When it is first shown. */
  timeSeconds: number;
  jpeg: Uint8Array;
}

export interface FrameOptions {
  /** Of the frames. */
  size: { width: number; height: number };
  /** The first frame of each 1 / framesPerSecond is taken. */
  framesPerSecond: number;
}

/** Frames of the first video track, turned as its rotation says. */
export async function readFrames(path: string, { size, framesPerSecond }: FrameOptions): Promise<Frame[]> {
  // A millisecond of room, for many a container keeps no finer times.
  const cell = (time: string) => `floor((${time}+0.001)*${framesPerSecond})`;
  const filters = [
    `select='isnan(prev_selected_t)+gt(${cell('t')},${cell('prev_selected_t')})'`,
    `scale=${size.width}:${size.height}:flags=lanczos+accurate_rnd+full_chroma_int`,
    'format=rgb24',
    'showinfo', // says each frame's time
  ];
  const args = [
    ...['-nostdin', '-nostats', '-v', 'info', '-i', `file:${path}`, '-map', '0:V:0', '-vf', filters.join(',')],
    ...['-fps_mode', 'passthrough', '-c:v', 'rawvideo', '-f', 'rawvideo', 'pipe:1'],
  ];
  const jpegs: Uint8Array[] = [];
  const rgb = new Uint8Array(3 * size.width * size.height);
  let filled = 0;
  const said = await runFfmpeg('ffmpeg', args, async (part) => {
    for (let start = 0; start < part.length; ) {
      const piece = part.subarray(start, start + rgb.length - filled);
      rgb.set(piece, filled);
      [start, filled] = [start + piece.length, filled + piece.length];
      if (filled < rgb.length) continue;
      jpegs.push(await encodePixels(rgb, size));
      filled = 0;
    }
  });
  const times = Array.from(said.matchAll(/Parsed_showinfo.* pts_time:\s*(-?[\d.]+)/g), ([, time]) => Number(time));
  return jpegs.map((jpeg, i) => ({ timeSeconds: times[i] as number, jpeg }));
}
