import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { InputError } from '#core/errors.ts';
import type { FileRef } from '../files/tree.ts';

type Take = (part: Buffer) => void | Promise<void>;

export interface FfmpegRun {
  program: 'ffmpeg' | 'ffprobe';
  args: string[];
  /** Each is given one output, part by part (`pipe:1`, `pipe:3`, `pipe:4` …); the program waits for it. */
  take: Take[];
}

/**
 * Runs the system's `ffmpeg` or `ffprobe`.
 *
 * @returns what it says on stderr.
 * @throws {InputError} where it is missing or fails.
 */
export async function runFfmpeg({ program, args, take }: FfmpegRun): Promise<string> {
  const outputs = Array.from({ length: take.length + 1 }, () => 'pipe' as const);
  const child = spawn(program, ['-hide_banner', ...args], { stdio: ['ignore', ...outputs] });
  const stderr: Buffer[] = [];
  child.stderr?.on('data', (part) => stderr.push(part));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('close', resolve);
    child.on('error', (cause) =>
      reject(new InputError(ffmpegMissing(program, cause.message), 'invalid_request', { cause })),
    );
  });
  const drain = async (takePart: Take, i: number) => {
    for await (const part of child.stdio[i === 0 ? 1 : i + 2] as Readable) await takePart(part);
  };
  try {
    const [code] = await Promise.all([ended, ...take.map(drain)]);
    const text = Buffer.concat(stderr).toString('utf8');
    if (code === 0) return text;
    const reason = withoutPlace(text.trim().split('\n').at(-1) ?? '', args) || `${program} ended with ${code}`;
    throw new InputError(`The video is cut short or damaged: ${reason}`, 'unreadable_media');
  } finally {
    child.kill('SIGKILL'); // where an output could not be taken
  }
}

/** The same on another machine. */
function withoutPlace(text: string, args: string[]): string {
  const place = args[args.indexOf('-i') + 1];
  return place ? text.replaceAll(`${place}: `, '').replaceAll(place, 'the file') : text;
}

function ffmpegMissing(program: string, reason: string): string {
  return (
    `Videos are read by FFmpeg, but ${program} does not start (${reason}). ` +
    'Install it: `apt-get install ffmpeg`, `brew install ffmpeg` or https://ffmpeg.org.'
  );
}

/** @throws {InputError} where FFmpeg is not installed. */
export async function expectFfmpeg(): Promise<void> {
  for (const program of ['ffmpeg', 'ffprobe'] as const) await runFfmpeg({ program, args: ['-version'], take: [] });
}

/** What FFmpeg opens: a file, or its place in a tar. */
export function inputOf({ root, name, inTar, bytes }: FileRef): string {
  if (!inTar) return `file:${join(root, name)}`;
  return `subfile,,start,${inTar.offset},end,${inTar.offset + bytes},,:file:${join(root, inTar.name)}`;
}
