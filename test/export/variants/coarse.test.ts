import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseManifest } from '#core/bundle/manifest.ts';
import { decodeAudio } from '#core/media/audio.ts';
import { centreInWindow } from '#core/media/windows.ts';
import { decodeModel } from '../../../export/onnx/decode.ts';
import type { ModelProto } from '../../../export/onnx/messages.ts';
import { withCoarseSpectrogram } from '../../../export/variants/int8/coarse.ts';
import { planInt8 } from '../../../export/variants/int8/plan.ts';
import { lostShare, outputsOf } from '../../../export/variants/lostShare.ts';
import { checkOnnx } from '../../../export/verify/checkOnnx.ts';

const folder = fileURLToPath(new URL('../../../models/nature', import.meta.url));
const manifest = parseManifest(await readFile(`${folder}/manifest.json`, 'utf8'), folder);
const { spectrogram } = manifest.training.config.model;
const exact = decodeModel(await readFile(`${folder}/audio.onnx`), 'audio.onnx');
const coarse = withCoarseSpectrogram(exact, spectrogram) as ModelProto;

describe('the sounds of models/nature through a coarse spectrogram', () => {
  test('of what tells its examples apart less than a twentieth is lost', async () => {
    const { samples, sampleRate } = spectrogram;
    const sounds: Float32Array[] = [];
    for (const { file } of manifest.examples?.sounds ?? []) {
      sounds.push(centreInWindow(await decodeAudio(await readFile(`${folder}/${file}`), { sampleRate }), samples));
    }
    expect(sounds.length).toBeGreaterThan(10);
    const lost = lostShare(await outputsOf(coarse, sounds), await outputsOf(exact, sounds));
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThan(0.05);
  });

  test('the file is as ONNX asks, and holds no numbers that nothing reads', () => {
    expect(checkOnnx(coarse)).toEqual([]);
    const read = new Set(coarse.graph.node.flatMap(({ input }) => input));
    expect(coarse.graph.initializer.filter(({ name }) => !read.has(name))).toEqual([]);
  });

  test('the same layers are computed in int8: the spectrogram stays in float32', () => {
    const layers = ({ graph }: ModelProto) => [...planInt8(graph).layers].map(({ name }) => name);
    expect(layers(coarse)).toEqual(layers(exact));
  });
});

test('there is none in an encoder whose spectrogram has another name', () => {
  const renamed = structuredClone(exact);
  for (const node of renamed.graph.node) {
    for (const names of [node.input, node.output]) {
      for (const [i, name] of names.entries()) if (name === 'audio/log_spectrogram') names[i] = 'other';
    }
  }
  expect(withCoarseSpectrogram(renamed, spectrogram)).toBeNull();
});
