import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { goldenImage, goldenWaveform } from '#core/bundle/golden/inputs.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { bundleEncoders } from '../../../training/reproduce/bundleEncoders.ts';

const nature = fileURLToPath(new URL('../../../models/nature', import.meta.url));

test('a bundle’s branches give what its trainer noted, a row an input, of more inputs than go through at once', async () => {
  const bundle = await openBundleFolder(nature);
  const { manifest, golden } = bundle;
  const { audio, image } = bundleEncoders(bundle);
  const repeated = <T>(make: (seed: number) => T) =>
    Array.from({ length: 20 }, (_, i) => make(golden.seeds[i % 2] as number));
  const inputs = {
    audio: repeated((seed) => goldenWaveform(seed, manifest.input.audio?.samples ?? 0)),
    image: repeated((seed) => goldenImage(seed, manifest.input.image as { width: number; height: number })),
  };
  for (const encoder of [audio, image]) {
    const noted = golden.encoders[encoder.sense]?.embeddings as number[][];
    const { embeddings } = await encoder.encode(inputs[encoder.sense]);
    expect(embeddings.length).toBe(20);
    for (const [i, row] of embeddings.entries()) {
      const expected = noted[i % 2] as number[];
      const largest = Math.max(...expected.map(Math.abs));
      expect(row.length).toBe(expected.length);
      for (const [k, value] of row.entries())
        expect(Math.abs(value - (expected[k] as number))).toBeLessThan(1e-4 * largest);
    }
  }
});
