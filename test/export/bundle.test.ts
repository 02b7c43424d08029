import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BundleManifest, bundleFiles, manifestSchema } from '#core/bundle/manifest.ts';
import { exportBundle } from '../../export/export.ts';
import { verifyBundle } from '../../export/verify/golden.ts';
import { verify } from '../../export/verify/verify.ts';
import { randomNetwork, smallConfig, writeCheckpoint } from './support/checkpoint.ts';

let folder: string;
let run: string;
let bundle: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clapper-bundle-'));
  run = await writeCheckpoint(randomNetwork(smallConfig));
  bundle = join(folder, 'digits');
  await exportBundle({ checkpoint: run, out: bundle, version: '1' });
});

afterAll(async () => {
  await rm(folder, { recursive: true });
  await rm(run, { recursive: true });
});

const readManifest = async (path: string): Promise<BundleManifest> =>
  manifestSchema.parse(JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8')));

const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A copy of the run, to spoil. */
async function copyOfRun(): Promise<string> {
  const copy = await mkdtemp(join(folder, 'run-'));
  await cp(run, copy, { recursive: true });
  return copy;
}

describe('a bundle', () => {
  test('has the same bytes when the same checkpoint is exported again', async () => {
    const again = join(folder, 'again');
    await exportBundle({ checkpoint: join(run, 'step-7'), out: again, name: 'digits', version: '1' });
    const files = await readdir(bundle);
    expect((await readdir(again)).sort()).toEqual(files.sort());
    for (const file of files) {
      expect(await readFile(join(again, file)), file).toEqual(await readFile(join(bundle, file)));
    }
  });

  test.each([
    ['audio.onnx', { waveform: ['float32', 'batch', 8000] }, { audio_embedding: [8], audio_features: [2 * 3 * 8] }],
    ['image.onnx', { image: ['uint8', 'batch', 28, 28, 3] }, { image_embedding: [8], image_features: [3 * 3 * 8] }],
    [
      'match.onnx',
      { audio_embedding: ['float32', 'batch', 8], image_embedding: ['float32', 'batch', 8] },
      { probability: [], logits: [2] },
    ],
    ['classify-spoken-digit.onnx', { audio_embedding: ['float32', 'batch', 8] }, { probabilities: [10], logits: [10] }],
    [
      'classify-handwritten-digit.onnx',
      { image_embedding: ['float32', 'batch', 8] },
      { probabilities: [10], logits: [10] },
    ],
  ])('%s takes and gives what the contract says', async (file, inputs, outputs) => {
    const session = await InferenceSession.create(join(bundle, file));
    const shapes = (values: readonly InferenceSession.ValueMetadata[]) =>
      Object.fromEntries(values.map((value) => [value.name, value.isTensor ? [value.type, ...value.shape] : null]));
    expect(shapes(session.inputMetadata)).toEqual(inputs);
    const expected = Object.entries(outputs).map(([name, sizes]) => [name, ['float32', 'batch', ...sizes]]);
    expect(shapes(session.outputMetadata)).toEqual(Object.fromEntries(expected));
    await session.release();
  });

  test("says in its manifest each file's own sha256 and size", async () => {
    for (const { file, sha256, bytes } of bundleFiles(await readManifest(bundle))) {
      const content = await readFile(join(bundle, file));
      expect({ file, bytes: content.length, sha256: sha256Of(content) }).toEqual({
        file,
        bytes,
        sha256,
      });
    }
  });

  test('has a model card with the numbers of the run and the notes given', async () => {
    const notes = join(folder, 'notes.md');
    const out = join(folder, 'noted');
    await writeFile(notes, '## Unseen speaker\n\nAccuracy 0.812 for theo.\n');
    await exportBundle({ checkpoint: run, out, version: '1', notesFile: notes });
    const card = await readFile(join(out, 'MODEL_CARD.md'), 'utf8');
    expect(card).toContain('| accuracy | 0.9 |');
    expect(card).toContain('95 % interval 0.8801–0.9187');
    expect(card).toContain('studentised bootstrap over sources');
    expect(card).toContain('npx clapper train --preset digits');
    expect(card).toContain('CC-BY-SA-4.0');
    expect(card.endsWith('## Unseen speaker\n\nAccuracy 0.812 for theo.\n')).toBe(true);
  });
});

describe('export', () => {
  test('takes the newest whole step of a run', async () => {
    const copy = await copyOfRun();
    await rename(join(copy, 'step-7'), join(copy, 'step-90'));
    await cp(join(run, 'step-7'), join(copy, 'step-100'), { recursive: true });
    await cp(join(run, 'step-7'), join(copy, 'step-200.unfinished'), { recursive: true });
    const file = join(copy, 'step-100/state.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"step":7', '"step":100'));
    const out = join(folder, 'newest');
    await exportBundle({ checkpoint: copy, out, version: '1' });
    expect((await readManifest(out)).training.steps).toBe(100);
  });

  test('reads weights that are split over several files', async () => {
    const copy = await copyOfRun();
    const model = join(copy, 'step-7/image');
    const bytes = await readFile(join(model, 'weights.bin'));
    await writeFile(join(model, 'shard1.bin'), bytes.subarray(0, 1001)); // ends inside a number
    await writeFile(join(model, 'shard2.bin'), bytes.subarray(1001));
    const json = await readFile(join(model, 'model.json'), 'utf8');
    await writeFile(join(model, 'model.json'), json.replace('"./weights.bin"', '"shard1.bin","shard2.bin"'));
    const out = join(folder, 'sharded', 'digits');
    await exportBundle({ checkpoint: copy, out, version: '1' });
    expect(await readFile(join(out, 'image.onnx'))).toEqual(await readFile(join(bundle, 'image.onnx')));
  });

  test('names a layer that it cannot export', async () => {
    const copy = await copyOfRun();
    const file = join(copy, 'step-7/audio/model.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"ReLU"', '"Lambda"'));
    await expect(exportBundle({ checkpoint: copy, out: join(folder, 'no'), version: '1' })).rejects.toThrow(
      /"audio\/relu1_1": its class Lambda is not known/,
    );
  });

  test('names a setting of a layer that it cannot export', async () => {
    const copy = await copyOfRun();
    const file = join(copy, 'step-7/audio/model.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('channels_last', 'channels_middle'));
    await expect(exportBundle({ checkpoint: copy, out: join(folder, 'no'), version: '1' })).rejects.toThrow(
      /"audio\/conv1_1": Conv2D: .*channels_last.* data_format/,
    );
  });

  test('says when weights were cut short', async () => {
    const copy = await copyOfRun();
    const file = join(copy, 'step-7/image/weights.bin');
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 6));
    await expect(exportBundle({ checkpoint: copy, out: join(folder, 'no'), version: '1' })).rejects.toThrow(
      `Expected ${bytes.length} bytes of weights in ./weights.bin`,
    );
  });

  test('says where it looked for a checkpoint in vain', async () => {
    await expect(
      exportBundle({ checkpoint: join(folder, 'none'), out: join(folder, 'no'), version: '1' }),
    ).rejects.toThrow(/none has none\. Train one/);
  });

  describe('of graphs that do not give the golden numbers', () => {
    let spoilt: string;
    beforeAll(async () => {
      spoilt = await copyOfRun();
      const file = join(spoilt, 'step-7/golden.json');
      const golden = JSON.parse(await readFile(file, 'utf8'));
      golden.logits.match[2][0] += 2e-2;
      await writeFile(file, JSON.stringify(golden));
    });
    const complaint = /but these do not: match \(off by .* allowed\)/;

    test('leaves the bundle that is there', async () => {
      const out = join(folder, 'kept');
      await cp(bundle, out, { recursive: true });
      await expect(exportBundle({ checkpoint: spoilt, out, version: '2' })).rejects.toThrow(complaint);
      expect((await readManifest(out)).version).toBe('1');
    });

    test('puts back the bundle that an export killed between its two renames had moved aside', async () => {
      const parent = join(folder, 'aside');
      const { pid: killed } = spawnSync(process.execPath, ['--version']);
      await cp(bundle, join(parent, `digits.previous-${killed}`), { recursive: true });
      const out = join(parent, 'digits');
      await expect(exportBundle({ checkpoint: spoilt, out, version: '2' })).rejects.toThrow(complaint);
      expect(await readdir(parent)).toEqual(['digits']);
      expect((await readManifest(out)).version).toBe('1');
    });
  });

  test('does not replace a folder that holds anything but a bundle', async () => {
    const out = join(folder, 'photos');
    await mkdir(out);
    await writeFile(join(out, 'holiday.jpg'), 'x');
    await expect(exportBundle({ checkpoint: run, out, version: '1' })).rejects.toThrow(
      /it holds holiday\.jpg, which would be lost/,
    );
    expect(await readdir(out)).toEqual(['holiday.jpg']);
  });

  test('does not throw away files that someone put into a bundle', async () => {
    const out = join(folder, 'annotated');
    await cp(bundle, out, { recursive: true });
    await writeFile(join(out, 'my-notes.txt'), 'x');
    await expect(exportBundle({ checkpoint: run, out, version: '2' })).rejects.toThrow(/it holds my-notes\.txt/);
    expect(await readFile(join(out, 'my-notes.txt'), 'utf8')).toBe('x');
  });

  test('killed at any moment, leaves the old bundle or the new one', { timeout: 60_000 }, async () => {
    const out = join(folder, 'killed', 'digits');
    await cp(bundle, out, { recursive: true });
    const script = fileURLToPath(new URL('./support/exportAgain.ts', import.meta.url));
    for (let attempt = 0; attempt < 4; attempt++) {
      const child = spawn(process.execPath, ['--import', 'tsx', script, run, out], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data'); // it exports again and again from here on
      await sleep(20 + 50 * attempt);
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect((await verifyBundle(out)).failed).toEqual([]);
    }
    await exportBundle({ checkpoint: run, out, version: '1' });
    expect(await readdir(join(folder, 'killed')), 'what killed exports left is gone').toEqual(['digits']);
  });
});

describe('verify', () => {
  let copy: string;
  beforeEach(async () => {
    copy = await mkdtemp(join(folder, 'spoilt-'));
    await cp(bundle, copy, { recursive: true });
  });

  /** Changes one file, and the manifest with it where the change is to go unnoticed by the sha256. */
  async function spoil(
    file: string,
    change: (bytes: Buffer) => Buffer,
    { rehash }: { rehash: boolean },
  ): Promise<void> {
    const before = await readFile(join(copy, file));
    const after = change(Buffer.from(before));
    await writeFile(join(copy, file), after);
    if (!rehash) return;
    const entry = { file, sha256: sha256Of(after), bytes: after.length };
    const manifest = JSON.parse(await readFile(join(copy, 'manifest.json'), 'utf8'), (_, value) =>
      value?.file === file ? entry : value,
    );
    await writeFile(join(copy, 'manifest.json'), JSON.stringify(manifest));
  }

  /** Sets the bias of the last dense layer's first class 0.01 higher. */
  const nudgeBias = (bytes: Buffer) => {
    const name = bytes.lastIndexOf('match/probabilities/bias');
    const data = bytes.indexOf(Buffer.from([0x4a, 8]), name) + 2; // after TensorProto.raw_data's tag and its length
    bytes.writeFloatLE(bytes.readFloatLE(data) + 0.01, data);
    return bytes;
  };

  test('passes a bundle as exported', async () => {
    expect((await verifyBundle(copy)).failed).toEqual([]);
  });

  test('refuses a graph with one byte changed', async () => {
    await spoil('match.onnx', nudgeBias, { rehash: false });
    await expect(verifyBundle(copy)).rejects.toThrow(/Expected match\.onnx with sha256 .* was changed or cut short/);
  });

  test('says of a graph that ONNX Runtime refuses which it is and what to do', async () => {
    await spoil('match.onnx', (bytes) => bytes.fill(7, 100, 2000), { rehash: true });
    await expect(verifyBundle(copy)).rejects.toThrow(
      /^ONNX Runtime cannot load match\.onnx, which is whole as the manifest says: .*\. Export the bundle again/,
    );
  });

  test('refuses a graph that was cut short', async () => {
    await spoil('audio.onnx', (bytes) => bytes.subarray(0, 1000), { rehash: false });
    await expect(verifyBundle(copy)).rejects.toThrow(/Expected audio\.onnx with \d+ bytes but it has 1000/);
  });

  test('verify says that a file was cut short, and not that it is no ONNX', async () => {
    await spoil('audio.onnx', (bytes) => bytes.subarray(0, 1000), { rehash: false });
    await expect(verify({ bundle: copy, progress: { write: () => true } })).rejects.toThrow(
      /audio\.onnx .*1000: .*cut short/,
    );
  });

  test('names the output of a graph whose weights are not the trained ones', async () => {
    await spoil('match.onnx', nudgeBias, { rehash: true });
    const { failed, differences } = await verifyBundle(copy);
    expect(failed).toEqual(['match']);
    expect(differences.match).toBeGreaterThan(1e-3); // a step of 0.01 on logits below 10
  });

  test('names the outputs that golden.json disagrees with, by more than numbers of their size are rounded', async () => {
    const shift = (bytes: Buffer) => {
      const golden = JSON.parse(bytes.toString());
      const largest = (row: number[]) => Math.max(...row.map(Math.abs));
      const { encoders, logits } = golden;
      const shiftRow = (row: number[], share: number) => {
        (row[0] as number) += share * largest(row);
      };
      shiftRow(encoders.image.embeddings[0], 0.5e-4);
      shiftRow(encoders.audio.embeddings[0], 2e-4);
      shiftRow(logits['classify-spoken-digit'][3], 0.5e-4);
      shiftRow(logits['classify-handwritten-digit'][3], 2e-4);
      return Buffer.from(JSON.stringify(golden));
    };
    await spoil('golden.json', shift, { rehash: true });
    expect((await verifyBundle(copy)).failed).toEqual(['audio_embedding', 'classify-handwritten-digit']);
  });

  test('says what is missing from a folder that is not a bundle', async () => {
    await expect(verifyBundle(run)).rejects.toThrow(/there is no manifest\.json/);
  });
});
