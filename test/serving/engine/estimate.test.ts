import { expect, test } from 'vitest';
import { estimateAudio, estimateImage } from '../../../serving/engine/estimate.ts';
import { makeWav } from '../../core/media/support/makeWav.ts';

const tenSeconds = () => Buffer.from(makeWav({ channels: [new Float32Array(80_000)] }));

test('a longer sound is expected to take longer, and as long as it says', () => {
  const short = estimateAudio(makeWav({ channels: [new Float32Array(8000)] }), 120);
  const long = estimateAudio(tenSeconds(), 120);
  expect(long.seconds).toBeCloseTo(10, 1);
  expect(long.decodeMs).toBeGreaterThan(short.decodeMs);
});

test('what a header claims turns nobody else away: no file counts for more than a worst one takes', () => {
  const manyChannels = tenSeconds();
  manyChannels.writeUInt16LE(65_535, 22);
  const fastVorbis = Buffer.alloc(100);
  fastVorbis.write('OggS', 0, 'latin1');
  fastVorbis.write('\x01vorbis', 28, 'latin1');
  fastVorbis.writeUInt8(255, 39);
  fastVorbis.writeUInt32LE(0xffffffff, 40);
  const hugePng = Buffer.from(`\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR${'\xff'.repeat(8)}\x08\x02`, 'latin1');
  expect(estimateAudio(manyChannels, 120).decodeMs).toBeLessThanOrEqual(1500);
  expect(estimateAudio(fastVorbis, 120).decodeMs).toBeLessThanOrEqual(1500);
  expect(estimateImage(hugePng).decodeMs).toBeLessThanOrEqual(1500);
});
