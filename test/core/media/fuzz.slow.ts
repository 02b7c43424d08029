import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeAudio } from '#core/media/audio.ts';
import { fuzzSounds } from './support/fuzzSounds.ts';

test('4,000 damaged sounds of all formats are decoded or refused; nothing grows, and what follows them is right', async () => {
  const tone = (name: string) => {
    const bytes = readFileSync(new URL(`../../fixtures/sounds/${name}`, import.meta.url));
    return decodeAudio(new Uint8Array(bytes), { sampleRate: 8000 });
  };
  const names = [
    'tone.wav',
    'tone.flac',
    'tone-alac.m4a',
    'tone.mp3',
    'tone.ogg',
    'tone.opus',
    'tone.m4a',
    'tone.webm',
  ];
  const before = await Promise.all(names.map(tone));
  await fuzzSounds(1000, 1);
  const startBytes = process.memoryUsage().rss;
  const report = await fuzzSounds(3000, 2);
  expect(report.failures).toEqual([]);
  expect(report.decoded).toBeGreaterThan(100);
  expect(report.refused).toBeGreaterThan(100);
  expect(process.memoryUsage().rss - startBytes).toBeLessThan(150e6);
  expect(await Promise.all(names.map(tone))).toEqual(before);
}, 600_000);
