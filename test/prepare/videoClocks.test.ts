import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPrepared, samplesOf } from './support/dataset.ts';
import { prepare } from './support/prepare.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'clapper-clocks-'));
const [videos, out] = [join(folder, 'videos'), join(folder, 'dataset')];
afterAll(() => rmSync(folder, { recursive: true }));

/** Black and all but silent, except for half a second of white, and one of a beep. */
const flashing = (size = '96x64', rate = '25') => [
  ...['-f', 'lavfi', '-i'],
  `color=black:size=${size}:rate=${rate}:duration=3.5,geq=lum='if(between(T,2,2.4999),235,16)':cb=128:cr=128`,
];
const beeping = (seconds = 2, sampleRate = 44_100) => [
  ...['-f', 'lavfi', '-i'],
  `aevalsrc='if(between(t,${seconds},${seconds}+0.4999),0.8*sin(2*PI*1000*t),0.02*sin(2*PI*90*t))':s=${sampleRate}:d=3.5`,
];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '12', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
const base = ['-i', 'base.mp4'];
const separately = ['-map', '0:v', '-map', '1:a', '-c', 'copy'];

/** What makes each, and by how many seconds its beep comes after its flash. */
const recipes: Record<string, { args: string[]; late?: number }> = {
  'base.mp4': { args: [...flashing(), ...beeping(), ...h264] },
  'starts-at-an-hour.ts': { args: [...base, '-c', 'copy', '-output_ts_offset', '3600'] },
  'sound-late.mp4': { args: [...base, '-itsoffset', '0.7', ...base, ...separately], late: 0.7 },
  'sound-early.mp4': { args: [...base, '-itsoffset', '-0.3', ...base, ...separately], late: -0.3 },
  'sound-early.mkv': { args: [...base, '-itsoffset', '-0.3', ...base, ...separately], late: -0.3 },
  'pictures-late.mp4': { args: ['-itsoffset', '0.5', ...base, ...base, ...separately], late: -0.5 },
  'cut-without-encoding.mp4': { args: ['-ss', '1.03', ...base, '-c', 'copy'] },
  'in-fragments.mp4': { args: [...base, '-c', 'copy', '-movflags', 'frag_keyframe+empty_moov'] },
  'turned.mp4': { args: [...base, '-c', 'copy', '-metadata:s:v', 'rotate=90'] },
  'of-varying-rate.mp4': {
    args: [
      ...flashing(),
      ...beeping(),
      '-vf',
      "select='not(mod(floor(n/7),2))+between(n,50,70)'",
      '-fps_mode',
      'vfr',
      ...h264,
    ],
  },
  'second-track-is-default.mkv': {
    args: [
      ...[...flashing(), ...beeping(0.5), ...beeping(), '-map', '0', '-map', '1', '-map', '2'],
      ...['-disposition:a:0', '0', '-disposition:a:1', 'default', ...h264],
    ],
  },
  'interlaced.mpg': {
    args: [
      ...[...flashing('720x576', '50'), ...beeping(2, 48_000), '-vf', 'interlace', '-flags', '+ilme+ildct'],
      ...['-c:v', 'mpeg2video', '-b:v', '2M', '-c:a', 'mp2'],
    ],
  },
  'six-channels.mkv': {
    args: [...flashing(), ...beeping(), '-af', 'pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0', ...h264, '-c:a', 'ac3'],
  },
  'odd-size.mkv': {
    args: [
      ...flashing(),
      ...beeping(),
      '-vf',
      'scale=97:65,setsar=1,format=yuv444p',
      '-c:v',
      'ffv1',
      '-c:a',
      'pcm_s16le',
    ],
  },
  'old.flv': { args: [...flashing(), ...beeping(), '-c:v', 'flv1', '-c:a', 'libmp3lame'] },
  'old.wmv': { args: [...flashing(), ...beeping(), '-c:v', 'wmv2', '-c:a', 'wmav2'] },
};

/** When each shows its flash and sounds its beep, in seconds. */
const seen = new Map<string, { flash: number; beep: number; size: string }>();

describe.skipIf(!hasFfmpeg)('with FFmpeg', () => {
  beforeAll(async () => {
    mkdirSync(videos);
    for (const [file, { args }] of Object.entries(recipes)) {
      execFileSync('ffmpeg', ['-nostdin', '-v', 'quiet', ...args, file], { cwd: videos });
    }
    // A recorder that was stopped and started: its clock begins again.
    writeFileSync(join(videos, 'joined.ts'), '');
    for (const offset of ['0', '100']) {
      const part = ['-i', 'base.mp4', '-c', 'copy', '-output_ts_offset', offset, '-f', 'mpegts', 'pipe:1'];
      const bytes = execFileSync('ffmpeg', ['-nostdin', '-v', 'quiet', ...part], { cwd: videos });
      writeFileSync(join(videos, 'joined.ts'), bytes, { flag: 'a' });
    }
    // No videos: a song with its cover, whatever its ending.
    execFileSync(
      'ffmpeg',
      ['-v', 'quiet', '-f', 'lavfi', '-i', 'color=red:size=64x64', '-frames:v', '1', '../cover.png'],
      { cwd: videos },
    );
    const song = [
      '-i',
      'base.mp4',
      '-i',
      '../cover.png',
      '-map',
      '0:a',
      '-map',
      '1',
      '-c',
      'copy',
      '-disposition:v:0',
      'attached_pic',
    ];
    execFileSync('ffmpeg', ['-v', 'quiet', ...song, '-f', 'mp4', 'song.mp4'], { cwd: videos });
    execFileSync('tar', ['cf', 'packed.tar', '--transform', 's/^/packed-/', 'sound-late.mp4'], { cwd: videos });
    writeFileSync(join(videos, 'notes.txt'), 'A text that FFmpeg would show as pictures of letters.\n');

    const settings = { sampleRate: 16_000, shortSide: 64, framesPerSecond: 60, heldOut: 0 };
    await prepare({ kind: 'videos', from: [videos], out, settings });
    const { index, read } = readPrepared(out);
    for (const line of index) {
      const wav = samplesOf(read(line, line.sound as { offset: number; bytes: number }));
      const beep = wav.findIndex((x) => Math.abs(x) > 0.2) / 16_000;
      for (const [i, member] of line.pictures.entries()) {
        const { channels } = await sharp(read(line, member)).stats();
        if ((channels[0]?.mean ?? 0) < 110) continue;
        const { width, height, timeSeconds } = line.clip.pictures[i] as {
          width: number;
          height: number;
          timeSeconds: number;
        };
        seen.set(line.clip.source, { flash: timeSeconds, beep, size: `${width} × ${height}` });
        break;
      }
    }
  }, 180_000);

  test.each([...Object.keys(recipes), 'joined.ts', 'packed-sound-late.mp4'])(
    'sound and frames of %s are aligned within 20 ms',
    (file) => {
      const { flash, beep } = seen.get(file) ?? { flash: Number.NaN, beep: Number.NaN };
      const late = recipes[file.replace('packed-', '')]?.late ?? 0;
      expect(Math.abs(beep - flash - late)).toBeLessThan(0.02);
    },
  );

  test('pictures are turned as players turn them, and keep their shape', () => {
    expect([seen.get('turned.mp4')?.size, seen.get('odd-size.mkv')?.size, seen.get('interlaced.mpg')?.size]).toEqual([
      '64 × 96',
      '96 × 64',
      '80 × 64',
    ]);
  });

  test('the track that was not taken, and what is no video, are named', () => {
    const { skipped } = readPrepared(out);
    const reasons = Object.fromEntries(skipped.map(({ file, reason }) => [file, reason]));
    expect(reasons).toEqual({
      'second-track-is-default.mkv, track 1 (sound)': 'Of several tracks the default one is taken, or the first.',
      'song.mp4': expect.stringMatching(/It has no pictures|is a sound/),
      'notes.txt': 'It is text, and no video.',
    });
    expect(readFileSync(join(out, 'skipped.jsonl'), 'utf8')).not.toContain(folder);
  });
});
