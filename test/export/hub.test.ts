import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeHub } from '../../export/hub/writeHub.ts';
import { pythonWith } from '../support/pythonWith.ts';

const bundle = fileURLToPath(new URL('../../models/digits', import.meta.url));
const python = await pythonWith(['huggingface_hub']);

describe('a folder for the Hugging Face Hub', () => {
  let folder: string;
  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'clapper-hub-')), 'digits');
    await writeHub({ bundle, out: folder });
  });
  afterAll(() => rm(join(folder, '..'), { recursive: true }));
  const json = async (file: string) => JSON.parse(await readFile(join(folder, file), 'utf8'));

  test.skipIf('missing' in python)('has a card that the Hub reads: licence, tags, datasets, metrics', async () => {
    const script = join(folder, '..', 'card.py');
    await writeFile(
      script,
      'import json, sys\nfrom huggingface_hub import ModelCard\ndata = ModelCard.load(sys.argv[1]).data\n' +
        'print(json.dumps([data.license, data.tags, data.datasets, [(r.task_type, r.metric_type, r.metric_value) for r in data.eval_results]]))\n',
    );
    const output = await (python as (...args: string[]) => Promise<string>)(script, join(folder, 'README.md'));
    const [licence, tags, datasets, results] = JSON.parse(output);
    expect(licence).toBe('cc-by-sa-4.0');
    expect(tags).toContain('onnx');
    expect(datasets).toEqual(['digits']);
    const manifest = JSON.parse(await readFile(join(bundle, 'manifest.json'), 'utf8'));
    expect(results).toContainEqual([
      'audio-visual-correspondence',
      'accuracy',
      manifest.variants.fp32.metrics.accuracy,
    ]);
  });

  test('holds every graph in every precision under onnx/, as config.json says', async () => {
    const { variants } = await json('config.json');
    const listed = Object.values(variants as Record<string, { files: Record<string, string> }>).flatMap(({ files }) =>
      Object.values(files),
    );
    const there = (await readdir(join(folder, 'onnx'))).map((file) => `onnx/${file}`);
    expect(there.sort()).toEqual(listed.sort());
    const session = await InferenceSession.create(join(folder, 'onnx', 'audio.onnx'));
    expect(session.inputNames).toEqual(['waveform']);
    await session.release();
  });

  test('has a card whose program runs in the folder as it is, and which names files of it alone', async () => {
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    for (const [, file = ''] of card.matchAll(/`([\w./-]+\.(?:json|onnx))`/g)) {
      expect(existsSync(join(folder, file)), file).toBe(true);
    }
    expect(card).not.toContain('--bundle');
    const work = await mkdtemp(join(tmpdir(), 'clapper-hub-'));
    await symlink(join(bundle, '../../node_modules'), join(work, 'node_modules'));
    await symlink(join(folder, 'onnx'), join(work, 'onnx'));
    await writeFile(join(work, 'program.mjs'), /^In Node[^\n]*\n\n```js\n(.*?)```/ms.exec(card)?.[1] ?? '');
    const { stdout } = await promisify(execFile)(process.execPath, ['program.mjs'], { cwd: work });
    expect(stdout).toMatch(/Float32Array\(1\) \[ ?0\.\d+/);
    await rm(work, { recursive: true });
  });

  test('says in preprocessor_config.json what the manifest says of inputs', async () => {
    const manifest = JSON.parse(await readFile(join(bundle, 'manifest.json'), 'utf8'));
    const { audio, image, sampling_rate, crop_size } = await json('preprocessor_config.json');
    expect({ audio, image }).toEqual(manifest.input);
    expect({ sampling_rate, crop_size }).toEqual({ sampling_rate: 8000, crop_size: { height: 28, width: 28 } });
  });

  test('is not written from a bundle with a file that is missing or cut short', async () => {
    const spoilt = join(folder, '..', 'spoilt');
    await cp(bundle, spoilt, { recursive: true });
    await truncate(join(spoilt, 'image.int8.onnx'), 1000);
    const out = join(folder, '..', 'never');
    await expect(writeHub({ bundle: spoilt, out })).rejects.toThrow(/image\.int8\.onnx .*1000: .*cut short/);
    await rm(join(spoilt, 'golden.json'));
    await rm(join(spoilt, 'image.int8.onnx'));
    await expect(writeHub({ bundle: spoilt, out })).rejects.toThrow(/lacks its file image\.int8\.onnx/);
    expect(await readdir(join(folder, '..'))).not.toContain('never');
  });

  test('is replaced by the same command, but nothing else is', async () => {
    const leftover = `${folder}.unfinished-${hostname()}-${spawnSync('true').pid}`;
    await mkdir(leftover); // of a command that was killed
    await writeHub({ bundle, out: `${folder}/` }); // as shells complete it
    expect(await readdir(folder)).toContain('onnx');
    expect(existsSync(leftover)).toBe(false);
    const other = join(folder, '..', 'other');
    await mkdir(other);
    await writeFile(join(other, 'thesis.md'), 'mine');
    await expect(writeHub({ bundle, out: other })).rejects.toThrow(/thesis\.md, which would be lost/);
  });
});
