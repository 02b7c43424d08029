import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { defaultLimits } from '../../../serving/engine/limits.ts';
import { readModels } from '../../../serving/engine/models.ts';
import { startFleet } from '../../../serving/engine/startFleet.ts';
import { workersOf } from '../support/processes.ts';

test("a worker that takes another's place loads what the others run, or says that it was changed", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'clapper-changed-'));
  await cp('models/digits', folder, { recursive: true });
  const troubles: string[] = [];
  const fleet = await startFleet({
    models: await readModels({ folders: [folder], variants: ['fp32'] }),
    plan: { workers: 1, threads: 1 },
    provider: 'cpu',
    limits: defaultLimits,
    onTrouble: ({ message }) => troubles.push(message),
  });
  try {
    const place = join(folder, 'manifest.json');
    const whole = await readFile(place, 'utf8');
    await writeFile(place, JSON.stringify({ ...JSON.parse(whole), description: 'another one' }));
    for (const pid of workersOf(process.pid)) process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(troubles.at(-1)).toMatch(/was changed after it was read.*SIGHUP/), 20_000);
    expect(fleet.alive).toBe(0);
    await writeFile(place, whole);
    await vi.waitFor(() => expect(fleet.alive).toBe(1), 20_000);
  } finally {
    await fleet.close();
    await rm(folder, { recursive: true });
  }
});
