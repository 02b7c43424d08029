import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { exportBundle } from '../../export/export.ts';
import { loadCheckpoint } from '../../training/run/checkpoint.ts';
import { randomNetwork, smallConfig, writeCheckpoint } from './support/checkpoint.ts';

// A checkpoint or a bundle comes from anyone: what it names must stand in its folder.

const names = ['../../../pwn', '..', '.', '/tmp/pwn', 'a\\b', 'a/b', 'pwn\u0000', 'nul'];

let folder: string;
let run: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clapper-outside-'));
  run = await writeCheckpoint(randomNetwork(smallConfig));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await rm(run, { recursive: true });
});

// biome-ignore lint/suspicious/noExplicitAny: files changed at will
async function change(file: string, alter: (json: any) => void): Promise<void> {
  const json = JSON.parse(await readFile(file, 'utf8'));
  alter(json);
  await writeFile(file, JSON.stringify(json));
}

describe('a checkpoint', () => {
  let step: string;
  const out = () => join(folder, 'deep/er/bundle');
  const spoilt = async (file: string, alter: Parameters<typeof change>[1]) => {
    const copy = await mkdtemp(join(folder, 'run-'));
    step = join(copy, 'step-7');
    await cp(join(run, 'step-7'), step, { recursive: true });
    await change(join(step, file), alter);
    return { checkpoint: copy, out: out(), version: '1' };
  };

  test.each(names)('with a classifier named %j is refused by name, and nothing is written', async (name) => {
    const before = await readdir(folder);
    const options = await spoilt('state.json', ({ classifiers }) => {
      classifiers[0].name = name;
    });
    await expect(exportBundle(options)).rejects.toThrow(
      /state\.json is not as expected:[\s\S]*a name of|of a file[\s\S]*classifiers\[0\]\.name/,
    );
    expect((await readdir(folder)).filter((entry) => !entry.startsWith('run-'))).toEqual(
      before.filter((entry) => !entry.startsWith('run-')),
    );
  });

  test.each(['../../secret.bin', '/etc/hostname', '..\\secret.bin', '.'])(
    'whose weights are said to be in %j is refused, by exporter and trainer alike',
    async (path) => {
      const options = await spoilt('image/model.json', ({ weightsManifest }) => {
        weightsManifest[0].paths = [path];
      });
      const message = /image\/model\.json is not as expected:[\s\S]*path of a file inside this folder[\s\S]*paths\[0\]/;
      await expect(exportBundle(options)).rejects.toThrow(message);
      await change(join(step, 'state.json'), (state) => {
        state.files = {};
      });
      await writeFile(join(step, 'optimizer.bin'), '');
      await expect(loadCheckpoint(step)).rejects.toThrow(message);
    },
  );

  test('whose weights are a link out of it is refused', async () => {
    const options = await spoilt('state.json', () => {});
    await writeFile(join(folder, 'secret.bin'), 'secret');
    await rm(join(step, 'image/weights.bin'));
    await symlink(join(folder, 'secret.bin'), join(step, 'image/weights.bin'));
    await expect(exportBundle(options)).rejects.toThrow(/weights\.bin is a link to .*secret\.bin, outside/);
    await writeFile(join(step, 'optimizer.bin'), '');
    await expect(loadCheckpoint(step)).rejects.toThrow(/weights\.bin is a link to .*secret\.bin, outside/);
  });
});

describe('a bundle', () => {
  let bundle: string;
  beforeAll(async () => {
    bundle = join(folder, 'bundle');
    await exportBundle({ checkpoint: run, out: bundle, version: '1' });
  });
  const spoilt = async (alter: Parameters<typeof change>[1]) => {
    const copy = await mkdtemp(join(folder, 'bundle-'));
    await cp(bundle, copy, { recursive: true });
    await change(join(copy, 'manifest.json'), alter);
    return copy;
  };

  test.each(names)('whose manifest names the file %j is refused by name', async (name) => {
    const graph = await spoilt(({ variants }) => {
      variants.fp32.files.audio.file = name;
    });
    await expect(openBundleFolder(graph)).rejects.toThrow(
      /manifest\.json is not as expected:[\s\S]*files\.audio\.file/,
    );
    const golden = await spoilt((manifest) => {
      manifest.golden.file = name;
    });
    await expect(openBundleFolder(golden)).rejects.toThrow(/manifest\.json is not as expected:[\s\S]*golden\.file/);
  });

  test('named so that another folder would be written is refused', async () => {
    const copy = await spoilt((manifest) => {
      manifest.name = '../pwn';
    });
    await expect(openBundleFolder(copy)).rejects.toThrow(/manifest\.json is not as expected:[\s\S]*→ at name/);
    await expect(
      exportBundle({ checkpoint: run, out: join(folder, 'x'), name: '../pwn', version: '1' }),
    ).rejects.toThrow(/Give one with --name/);
  });

  test('with a graph that is a link out of it is refused', async () => {
    const copy = await spoilt(() => {});
    await cp(join(copy, 'audio.onnx'), join(folder, 'elsewhere.onnx'));
    await rm(join(copy, 'audio.onnx'));
    await symlink(join(folder, 'elsewhere.onnx'), join(copy, 'audio.onnx'));
    await expect(openBundleFolder(copy)).rejects.toThrow(/audio\.onnx is a link to .*elsewhere\.onnx, outside/);
  });

  test('of the first format is refused with what to do', async () => {
    const copy = await mkdtemp(join(folder, 'bundle-'));
    await mkdir(copy, { recursive: true });
    await writeFile(join(copy, 'manifest.json'), JSON.stringify({ schema: 'clapper-bundle/1', name: 'old' }));
    await expect(openBundleFolder(copy)).rejects.toThrow(
      /clapper-bundle\/1, .* reads clapper-bundle\/2\. .*npx clapper export/,
    );
    await writeFile(join(copy, 'manifest.json'), JSON.stringify({ schema: 'clapper-bundle/9', name: 'new' }));
    await expect(openBundleFolder(copy)).rejects.toThrow(/clapper-bundle\/9; .*Take a newer Clapper/);
  });

  test('that says one thing in one place and denies it in another is refused', async () => {
    const contradicting: [Parameters<typeof change>[1], RegExp][] = [
      [({ graphs }) => graphs.pop(), /expected a graph "classify-handwritten-digit"/],
      [
        ({ classifiers }) => classifiers[0].labels.pop(),
        /"probabilities" as float32 \[batch, 9\] but it is float32 \[batch, 10\]/,
      ],
      [({ classifiers }) => classifiers[0].labels.fill('3'), /"spoken-digit" has labels twice: 3/],
      [
        ({ input }) => {
          input.audio.samples = 4000;
        },
        /"waveform" as float32 \[batch, 4000\]/,
      ],
      [
        ({ graphs }) => {
          graphs[2].kind = 'classifier';
        },
        /"match" is called a classifier; by its name it is match-head/,
      ],
      [
        ({ variants }) => {
          delete variants.fp32.files.match;
        },
        /expected files of fp32 for .*match.* but it lists/,
      ],
      [
        ({ graphs }) => {
          graphs.push({ ...graphs[0], name: 'AUDIO' });
        },
        /graphs of one name: AUDIO/,
      ],
    ];
    for (const [alter, message] of contradicting) {
      await expect(openBundleFolder(await spoilt(alter))).rejects.toThrow(message);
    }
  });

  test('whose graph takes or gives something else than its manifest says is refused', async () => {
    const copy = await spoilt(({ graphs }) => {
      graphs[0].outputs[1].shape[1]++;
    });
    await expect(openBundleFolder(copy)).rejects.toThrow(
      /Expected the graph "audio" .*audio_features float32 \[batch, 49\].* but it is .*\[batch, 48\]/,
    );
  });
});
