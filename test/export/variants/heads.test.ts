import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { replayGolden } from '#core/bundle/golden/check.ts';
import { goldenPairs } from '#core/bundle/golden/inputs.ts';
import { relativeDifference, toleranceCaps } from '#core/bundle/golden/tolerance.ts';
import { openBundle } from '#core/bundle/open.ts';
import { type Matrix, matrixOf } from '#core/matrix.ts';
import { readFrom } from '#node/files.ts';
import { decodeModel } from '../../../export/onnx/decode.ts';
import { encodeModel } from '../../../export/onnx/encode.ts';
import { storeWeights } from '../../../export/variants/int8/storeWeights.ts';

const nature = fileURLToPath(new URL('../../../models/nature', import.meta.url));

test('a head that 8 bits would bring further from the trainer’s numbers than a variant may be stays in float32', async () => {
  const opened = await openBundle({ read: readFrom(nature), runtime: ort, variant: 'int8' });
  const { differences } = await replayGolden(opened, ['match', 'classify-photo']);
  expect(differences.match).toBeLessThan(1e-4);
  expect(differences['classify-photo']).toBeGreaterThan(1e-3); // is stored in 8 bits

  const model = decodeModel(await readFile(join(nature, 'match.onnx')), 'match.onnx');
  const session = await ort.InferenceSession.create(encodeModel(storeWeights(model)));
  const { audio, image } = goldenPairs(opened.golden) as Record<'audio' | 'image', Matrix>;
  const tensor = ({ data, rows, columns }: Matrix) => new ort.Tensor('float32', data, [rows, columns]);
  const ran = await session.run({ audio_embedding: tensor(audio), image_embedding: tensor(image) });
  const logits = ran.logits?.data as Float32Array;
  const rows = Array.from({ length: audio.rows }, (_, i) => logits.slice(2 * i, 2 * i + 2));
  const wanted = matrixOf((opened.golden.logits.match as number[][]).map((row) => Float32Array.from(row)));
  expect(relativeDifference(matrixOf(rows), wanted)).toBeGreaterThan(toleranceCaps.int8.head);
  await opened.release();
});
