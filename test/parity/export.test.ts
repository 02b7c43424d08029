import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goldenImage, goldenWaveform } from '#core/bundle/golden/inputs.ts';
import { createMatcher } from '#core/bundle/matcher.ts';
import type { Bundle } from '#core/bundle/open.ts';
import type { ModelConfig } from '#core/config.ts';
import { matrixOf } from '#core/matrix.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { exportBundle } from '../../export/export.ts';
import { encodeAudio, encodeImages, scorePairs, stackRows, unstackRows } from '../../training/encode.ts';
import type { tf } from '../../training/tensorflow/load.ts';
import { randomNetwork, smallConfig, writeCheckpoint } from '../export/support/checkpoint.ts';
import { largestDifference } from '../export/support/runGraph.ts';

/** L3-Net's own input sizes (Arandjelović and Zisserman 2017), narrow. */
const l3: ModelConfig = {
  spectrogram: {
    sampleRate: 48000,
    samples: 48000,
    windowLength: 480,
    hopLength: 240,
    nFft: 512,
    nMels: null,
    minHz: 0,
    maxHz: 24000,
    logOffset: 1e-5,
  },
  image: { width: 224, height: 224, shortSide: 256, scale: 1 / 127.5, offset: -1 },
  audioBranch: { channels: [3, 4, 5, 6], stemStride: 1, featureGrid: [4, 3], pooling: 'max' },
  imageBranch: { channels: [3, 4, 5, 6], stemStride: 1, featureGrid: [4, 3], pooling: 'max' },
  matchHead: 'hidden',
  headUnits: 8,
};

const configs: Record<string, ModelConfig> = {
  'digits: mel frontend': smallConfig,
  'digits sizes, linear frequency, stem stride 2': {
    ...smallConfig,
    spectrogram: { ...smallConfig.spectrogram, nMels: null },
    audioBranch: { ...smallConfig.audioBranch, stemStride: 2, featureGrid: [3, 2] },
    imageBranch: { ...smallConfig.imageBranch, stemStride: 2, featureGrid: [2, 2] },
  },
  'L3 sizes (257 × 199, 224 × 224)': l3,
  'L3 sizes, stem stride 2': {
    ...l3,
    audioBranch: { ...l3.audioBranch, stemStride: 2 },
    imageBranch: { ...l3.imageBranch, stemStride: 2 },
  },
  'a head of topics': { ...smallConfig, matchHead: 'topics' },
  'a head of canonical variables': { ...smallConfig, matchHead: 'canonical' },
  'odd sizes, window shorter than the transform': {
    ...smallConfig,
    spectrogram: { ...smallConfig.spectrogram, samples: 7321, windowLength: 201, hopLength: 97, nMels: 37 },
    image: { width: 31, height: 45, shortSide: 45, scale: 1 / 255, offset: 0 },
    audioBranch: { channels: [3, 5], stemStride: 2, featureGrid: [2, 2], pooling: 'max' },
    imageBranch: { channels: [3, 5, 7], stemStride: 2, featureGrid: [2, 1], pooling: 'mean' },
  },
};

const folder = await mkdtemp(join(tmpdir(), 'clapper-parity-'));
afterAll(() => rm(folder, { recursive: true }));

describe.each(Object.entries(configs))('%s: the exported graphs give what TensorFlow gives', (name, config) => {
  const network = randomNetwork(config);
  let bundle: Bundle;
  beforeAll(async () => {
    const run = await writeCheckpoint(network);
    const out = join(folder, name.replaceAll(/\W+/g, '-'));
    await exportBundle({ checkpoint: run, out, version: '1' });
    await rm(run, { recursive: true });
    bundle = await openBundleFolder(out);
  });
  afterAll(() => bundle.release());

  test.each([1, 5])('encoders within 1e-4, heads within 1e-5, batch %i', async (batch) => {
    const matcher = createMatcher(bundle);
    const features = true;
    const seeds = Array.from({ length: batch }, (_, i) => 100 + i);
    const waveforms = seeds.map((seed) => goldenWaveform(seed, config.spectrogram.samples));
    const images = seeds.map((seed) => goldenImage(seed, config.image));

    const trained = { audio: encodeAudio(network, waveforms), image: encodeImages(network, images) };
    const given = {
      audio: await matcher.encode('audio', waveforms, { features }),
      image: await matcher.encode('image', images, { features }),
    };
    for (const sense of ['audio', 'image'] as const) {
      for (const output of ['embeddings', 'features'] as const) {
        const expected = trained[sense][output].flatMap((row) => [...row]);
        const actual = given[sense][output]?.data ?? [];
        expect(Math.max(...expected) - Math.min(...expected), `${sense} ${output} vary`).toBeGreaterThan(0.1);
        const largest = Math.max(1, ...expected.map(Math.abs)); // rounding grows with the numbers
        expect(largestDifference(actual, expected) / largest, `${sense} ${output}`).toBeLessThan(1e-4);
      }
    }

    const { audio, image } = trained;
    const probabilities = scorePairs(network, audio.embeddings, image.embeddings);
    const scores = await matcher.scoreRows(matrixOf(audio.embeddings), matrixOf(image.embeddings));
    expect(largestDifference(scores, probabilities), 'probability').toBeLessThan(1e-5);
    for (const score of scores)
      expect(Math.abs(score - 0.5), 'scores far from 0 and 1 show mistakes').toBeLessThan(0.49);
    for (const { name, input, model } of network.probes) {
      const { embeddings } = input === 'audio_embedding' ? audio : image;
      const expected = unstackRows(model.predict(stackRows(embeddings)) as tf.Tensor2D).flatMap((row) => [...row]);
      const actual = (await bundle.run(`classify-${name}`, { [input]: matrixOf(embeddings).data }, ['probabilities']))
        .probabilities;
      expect(largestDifference(actual, expected), name).toBeLessThan(1e-5);
    }
  });
});
