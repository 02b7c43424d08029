import { expect, test } from 'vitest';
import { createControl } from '../../serving/control.ts';
import { Engine } from '../../serving/engine/engine.ts';
import type { Fleet } from '../../serving/engine/fleet.ts';
import { defaultLimits } from '../../serving/engine/limits.ts';
import { bundleFolders, readModels } from '../../serving/engine/models.ts';

/** What is on disk, and whether workers start, is the test's. */
async function startControl() {
  const disk = {
    models: await readModels({ folders: ['models/digits', 'models/nature'] }),
    isBroken: false,
    started: 0,
  };
  const engine = new Engine({ limits: defaultLimits, cacheBytes: 0 });
  const startFleet = async (): Promise<Fleet> => {
    if (disk.isBroken) throw new Error('a worker does not start');
    disk.started++;
    return { close: async () => {} } as Fleet;
  };
  engine.swap({ models: disk.models, fleet: await startFleet() });
  return { disk, engine, control: createControl({ engine, read: async () => disk.models, startFleet }) };
}

test('what could not be unloaded, or loaded, is as it was, also after the next reload', async () => {
  const { disk, control } = await startControl();
  disk.isBroken = true;
  await expect(control.unload('nature')).rejects.toThrow('does not start');
  disk.isBroken = false;
  expect(await control.reload()).toEqual(['digits', 'nature']);
  await control.unload('nature');
  disk.isBroken = true;
  await expect(control.load('nature')).rejects.toThrow('does not start');
  disk.isBroken = false;
  expect(await control.reload()).toEqual(['digits']);
});

test('reloads that are asked for before the next begins are one', async () => {
  const { disk, control } = await startControl();
  const first = control.reload();
  await Promise.resolve(); // it has begun, and may have read the bundles already
  await Promise.all([first, control.reload(), control.reload(), control.reload()]);
  expect(disk.started).toBe(1 + 2);
  await control.reload();
  expect(disk.started).toBe(1 + 3);
});

test('a reload that would leave no model is refused', async () => {
  const { disk, engine, control } = await startControl();
  await control.unload('nature');
  disk.models = await readModels({ folders: ['models/nature'] });
  await expect(control.reload()).rejects.toThrow(/\(nature\) each was unloaded/);
  expect([...engine.models.keys()]).toEqual(['digits']);
});

test('a folder that is named twice, however it is written, is one bundle', async () => {
  expect(await bundleFolders({ bundle: ['models/nature/', './models/digits'], models: 'models' })).toHaveLength(2);
  const models = await readModels({ folders: await bundleFolders({ bundle: ['./models/nature/'], models: 'models' }) });
  expect([...models.keys()]).toEqual(['nature', 'digits']);
});
