import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { IndexLine, PreparedDataset } from '#core/datasets/prepared.ts';
import { encodeWav } from '#core/media/encodeWav.ts';
import { Random } from '#core/random.ts';
import { tarBlockBytes, tarHeader } from '#node/datasets/tarHeader.ts';

export interface SyntheticOptions {
  clips: number;
  picturesPerClip: number;
  secondsPerClip: number;
  sampleRate: number; // Hz
  shortSide: number; // pixels
  clipsPerShard: number;
  seed: number;
}

/**
 * A prepared dataset of made-up videos, with the detail of real ones: clouds of all sizes, edges and noise, which compress as photos
 * do; sound of coloured noise and tones. The same files stand beside the shards one by one, for readers that want them so:
 * `loose/KEY.wav`, `loose/KEY.0.jpg` ….
 */
export async function writeSyntheticDataset(folder: string, options: SyntheticOptions): Promise<void> {
  const { clips, picturesPerClip, secondsPerClip, sampleRate, shortSide, clipsPerShard, seed } = options;
  await mkdir(join(folder, 'shards'), { recursive: true });
  await mkdir(join(folder, 'loose'), { recursive: true });
  const clouds = makeClouds(new Random(seed));
  const lines: IndexLine[] = [];
  const shards: PreparedDataset['shards'] = [];
  for (let shard = 0; shard * clipsPerShard < clips; shard++) {
    const parts: Uint8Array[] = [];
    let offset = 0;
    const add = async (name: string, bytes: Uint8Array) => {
      const member = { offset: offset + tarBlockBytes, bytes: bytes.length };
      parts.push(tarHeader(name, bytes.length), bytes, new Uint8Array(-bytes.length & (tarBlockBytes - 1)));
      offset = member.offset + Math.ceil(bytes.length / tarBlockBytes) * tarBlockBytes;
      await writeFile(join(folder, 'loose', name), bytes);
      return member;
    };
    const first = shard * clipsPerShard;
    for (let number = first; number < Math.min(clips, first + clipsPerShard); number++) {
      const random = new Random(seed, number);
      const key = String(number).padStart(6, '0');
      const sound = await add(`${key}.wav`, encodeWav(soundOf(secondsPerClip * sampleRate, random), sampleRate));
      const line: IndexLine = {
        shard,
        clip: {
          key,
          source: key,
          split: 'train',
          fold: null,
          categories: [],
          sound: { seconds: secondsPerClip, startSeconds: 0 },
          pictures: [],
        },
        sound,
        pictures: [],
      };
      for (let i = 0; i < picturesPerClip; i++) {
        const long = Math.round(shortSide * random.uniform(1, 1.8));
        const [width, height] = random.uniform() < 0.8 ? [long, shortSide] : [shortSide, long];
        const jpeg = await sharp(pictureOf(clouds, width, height, random), { raw: { width, height, channels: 3 } })
          .jpeg({ quality: 90 })
          .toBuffer();
        line.pictures.push(await add(`${key}.${i}.jpg`, jpeg));
        line.clip.pictures.push({ width, height, timeSeconds: ((i + 0.5) * secondsPerClip) / picturesPerClip });
      }
      lines.push(line);
    }
    const file = `shards/${String(shard).padStart(6, '0')}.tar`;
    await writeFile(join(folder, file), [...parts, new Uint8Array(2 * tarBlockBytes)]);
    shards.push({ file, bytes: offset + 2 * tarBlockBytes, sha256: '', clips: Math.min(clipsPerShard, clips - first) });
  }
  await writeFile(join(folder, 'index.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const none = { clips: 0, sounds: 0, pictures: 0, seconds: 0, pairs: 0 };
  const info: PreparedDataset = {
    schema: 'clapper-dataset/1',
    name: 'synthetic',
    kind: 'synthetic',
    description: 'Made-up pictures and sounds, to measure with.',
    licence: 'Apache-2.0',
    pairing: 'same-clip',
    sampleRate,
    shortSide,
    categories: [],
    counts: {
      train: { clips, sounds: clips, pictures: clips * picturesPerClip, seconds: clips * secondsPerClip, pairs: 0 },
      validation: none,
      test: none,
    },
    skipped: 0,
    shards,
  };
  await writeFile(join(folder, 'dataset.json'), JSON.stringify(info));
}

const cloudSize = 1024;

/** Two parts of the clouds, laid over each other in some colour, stripes with sharp edges, and grain. */
function pictureOf(clouds: Float32Array, width: number, height: number, random: Random): Uint8Array {
  const picture = new Float32Array(width * height * 3);
  const corner = () => random.integer(cloudSize - height) * cloudSize + random.integer(cloudSize - width);
  const [light, tint] = [corner(), corner()];
  const [base, strength] = [random.uniform(90, 160), random.uniform(40, 90)];
  const colour = [0, 1, 2].map(() => random.uniform(-30, 30)) as [number, number, number];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * cloudSize + x;
      const value = base + strength * (clouds[light + at] as number);
      for (let channel = 0; channel < 3; channel++, i++) {
        picture[i] = value + (colour[channel] as number) * (clouds[tint + at] as number);
      }
    }
  }
  for (let i = 0; i < 6; i++) addStripe(picture, width, height, random);
  for (let i = 0; i < picture.length; i++) picture[i] = (picture[i] as number) + random.uniform(-4, 4);
  return new Uint8Array(Uint8ClampedArray.from(picture));
}

/** Noise of seven sizes, from 128 pixels to 2, the smaller the weaker, as in photos. */
function makeClouds(random: Random): Float32Array {
  const clouds = new Float32Array(cloudSize ** 2);
  for (let cell = 128, strength = 0.4; cell >= 2; cell /= 2, strength *= 0.7) {
    const columns = cloudSize / cell + 1;
    const grid = Float32Array.from({ length: columns ** 2 }, () => strength * random.uniform(-1, 1));
    for (let y = 0, i = 0; y < cloudSize; y++) {
      for (let x = 0; x < cloudSize; x++, i++) {
        const corner = Math.floor(y / cell) * columns + Math.floor(x / cell);
        const [wx, wy] = [(x % cell) / cell, (y % cell) / cell];
        const above = (1 - wx) * (grid[corner] as number) + wx * (grid[corner + 1] as number);
        const below = (1 - wx) * (grid[corner + columns] as number) + wx * (grid[corner + columns + 1] as number);
        clouds[i] = (clouds[i] as number) + (1 - wy) * above + wy * below;
      }
    }
  }
  return clouds;
}

function addStripe(picture: Float32Array, width: number, height: number, random: Random): void {
  const [nx, ny] = [random.uniform(-1, 1), random.uniform(-1, 1)];
  const middle = nx * random.uniform(0, width) + ny * random.uniform(0, height);
  const half = random.uniform(3, 25);
  const colour = [random.uniform(-60, 60), random.uniform(-60, 60), random.uniform(-60, 60)];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      if (Math.abs(nx * x + ny * y - middle) > half) continue;
      for (let channel = 0; channel < 3; channel++) {
        picture[i + channel] = (picture[i + channel] as number) + (colour[channel] as number);
      }
    }
  }
}

/** Coloured noise and a tone. */
function soundOf(samples: number, random: Random): Float32Array {
  const memory = random.uniform(0, 0.95);
  const pitch = random.uniform(0.01, 0.3); // radians a sample
  let state = 0;
  return Float32Array.from({ length: samples }, (_, n) => {
    state = memory * state + random.uniform(-1, 1) * (1 - memory);
    return 0.5 * (0.6 * state + 0.3 * Math.sin(pitch * n));
  });
}
