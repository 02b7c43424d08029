import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPrepared, samplesOf } from './support/dataset.ts';
import { put } from './support/media.ts';
import { prepare } from './support/prepare.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'clapper-videos-'));
const out = join(folder, 'dataset');
afterAll(() => rmSync(folder, { recursive: true }));

const flashSeconds = 2;
const videos = [
  { file: 'h264-24.mp4', rate: '24', codecs: ['libx264', 'aac'], sampleRate: 44_100 },
  { file: 'vp9-29.97.webm', rate: '30000/1001', codecs: ['libvpx-vp9', 'libopus'], sampleRate: 48_000 },
  { file: 'mpeg4-60.mov', rate: '60', codecs: ['mpeg4', 'pcm_s16le'], sampleRate: 32_000 },
  // The sound begins half a second after the pictures, as in many a recording.
  { file: 'late-sound.mkv', rate: '25', codecs: ['libx264', 'libvorbis'], sampleRate: 48_000, lateSeconds: 0.5 },
];

/** Black and all but silent, except for half a second of white and of a beep, which begin at the same moment. */
function makeVideo({ file, rate, codecs, sampleRate, lateSeconds = 0 }: (typeof videos)[number]) {
  const isOn = (t: string, offset: number) => `between(${t}+${offset},${flashSeconds},${flashSeconds}+0.4999)`;
  const [videoCodec = '', audioCodec = ''] = codecs;
  execFileSync('ffmpeg', [
    ...['-v', 'quiet', '-f', 'lavfi'],
    ...['-i', `color=black:size=96x64:rate=${rate}:duration=3.5,geq=lum='if(${isOn('T', 0)},235,16)':cb=128:cr=128`],
    ...['-itsoffset', String(lateSeconds), '-f', 'lavfi'],
    ...[
      '-i',
      `aevalsrc='if(${isOn('t', lateSeconds)},0.8*sin(2*PI*1000*t),0.02*sin(2*PI*90*t))':s=${sampleRate}:d=${3.5 - lateSeconds}`,
    ],
    ...['-c:v', videoCodec, '-c:a', audioCodec, '-strict', '-2', '-pix_fmt', 'yuv420p', join(folder, 'videos', file)],
  ]);
}

describe.skipIf(!hasFfmpeg)('with FFmpeg', () => {
  beforeAll(async () => {
    mkdirSync(join(folder, 'videos'));
    for (const video of videos) makeVideo(video);
    const settings = { sampleRate: 16_000, shortSide: 80, framesPerSecond: 60, clipSeconds: 1.5, heldOut: 0 };
    await prepare({ kind: 'videos', from: [join(folder, 'videos')], out, settings });
  });

  test.each(videos)('sound and frames of $file are aligned within 20 ms', async ({ file }) => {
    const { index, read } = readPrepared(out);
    const lines = index.filter(({ clip }) => clip.source === file);
    const frames: { seconds: number; isBright: boolean }[] = [];
    let beepSeconds = Number.POSITIVE_INFINITY;
    for (const line of lines) {
      const { startSeconds = 0 } = line.clip.sound ?? {};
      const onset = samplesOf(read(line, line.sound as { offset: number; bytes: number })).findIndex(
        (x) => Math.abs(x) > 0.2,
      );
      if (onset >= 0) beepSeconds = Math.min(beepSeconds, startSeconds + onset / 16_000);
      for (const [i, member] of line.pictures.entries()) {
        const { channels } = await sharp(read(line, member)).stats();
        const seconds = startSeconds + (line.clip.pictures[i]?.timeSeconds ?? 0);
        frames.push({ seconds, isBright: (channels[0]?.mean ?? 0) > 128 });
      }
    }
    frames.sort((a, b) => a.seconds - b.seconds);
    const flash = frames.find(({ isBright }) => isBright)?.seconds ?? Number.NaN;
    expect(Math.abs(beepSeconds - flashSeconds)).toBeLessThan(0.02);
    expect(Math.abs(flash - flashSeconds)).toBeLessThan(0.02);
  });

  test('every frame is kept where that many are asked for', () => {
    const { index } = readPrepared(out);
    const count = (file: string) =>
      index.filter(({ clip }) => clip.source === file).reduce((sum, { pictures }) => sum + pictures.length, 0);
    expect([count('h264-24.mp4'), count('mpeg4-60.mov')]).toEqual([84, 210]);
  });

  test('frames have the short side that the dataset names, enlarged where the video was smaller', async () => {
    const { index, dataset, read } = readPrepared(out);
    expect(dataset.shortSide).toBe(80);
    for (const line of index) {
      for (const { width, height } of line.clip.pictures) expect([width, height]).toEqual([120, 80]);
    }
    const [line] = index as [(typeof index)[number]];
    expect(await sharp(read(line, line.pictures[0] as { offset: number; bytes: number })).metadata()).toMatchObject({
      width: 120,
      height: 80,
    });
  });

  test('clips of one video follow each other without a gap and none is longer than asked', () => {
    const { index } = readPrepared(out);
    for (const { file } of videos) {
      const sounds = index.flatMap(({ clip }) => (clip.source === file && clip.sound ? [clip.sound] : []));
      sounds.sort((a, b) => a.startSeconds - b.startSeconds);
      for (const [i, { startSeconds, seconds }] of sounds.entries()) {
        expect(seconds).toBeLessThanOrEqual(1.5);
        const next = sounds[i + 1];
        if (next) expect(Math.abs(next.startSeconds - startSeconds - seconds)).toBeLessThan(1 / 16_000);
      }
    }
  });

  test('videos that cannot be used are named, and do not fail the others', async () => {
    const [odd, oddOut] = [join(folder, 'odd'), join(folder, 'odd-dataset')];
    const whole = join(folder, 'videos', 'h264-24.mp4');
    for (const name of ['a.mp4', 'b.mp4']) put(join(odd, name), readFileSync(whole));
    put(join(odd, 'cut.mp4'), readFileSync(whole).subarray(0, 6000));
    put(join(odd, 'text.mkv'), 'Not found');
    execFileSync('ffmpeg', ['-v', 'quiet', '-i', whole, '-an', '-c', 'copy', join(odd, 'mute.mp4')]);
    await prepare({ kind: 'videos', from: [odd], out: oddOut, settings: { heldOut: 0 }, maxBad: 0.5 });
    const { index, skipped } = readPrepared(oddOut);
    expect(index.map(({ clip }) => clip.source).sort()).toEqual(['a.mp4', 'b.mp4']);
    expect(skipped.sort((a, b) => (a.file < b.file ? -1 : 1))).toEqual([
      { file: 'cut.mp4', reason: expect.stringMatching(/cut short or damaged/), broken: true },
      { file: 'mute.mp4', reason: 'It has no sound.', broken: false },
      { file: 'text.mkv', reason: expect.stringMatching(/cut short or damaged/), broken: true },
    ]);
    expect(JSON.stringify(skipped)).not.toContain(folder); // the same bytes on another machine
  });
});
