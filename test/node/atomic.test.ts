import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeAtomically, removeUnfinished, writeAtomically } from '#node/atomic.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-unfinished-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file is whole, the one before it or the new one, and what failed leaves nothing', async () => {
  const file = join(folder, 'file.json');
  await writeAtomically(file, 'one');
  const failing = makeAtomically(file, async (unfinished) => {
    writeFileSync(unfinished, 'tw');
    expect(readFileSync(file, 'utf8')).toBe('one');
    throw new Error('full');
  });
  await expect(failing).rejects.toThrow('full');
  expect(readdirSync(folder)).toEqual(['file.json']);
  expect(readFileSync(file, 'utf8')).toBe('one');
});

test('a folder is made beside its place, whether or not its path ends with a slash', async () => {
  const place = join(folder, 'made');
  await makeAtomically(`${place}/`, async (unfinished) => {
    mkdirSync(unfinished);
    expect(existsSync(place)).toBe(false);
  });
  expect(existsSync(place)).toBe(true);
  rmSync(place, { recursive: true });
});

test('what killed processes have left is removed, what others are making is not', async () => {
  const { pid: ended } = spawnSync('true');
  const names = [`a.unfinished-${hostname()}-`, 'b.unfinished-another-host-'];
  for (const pid of [ended, process.pid, process.ppid]) {
    mkdirSync(join(folder, `${names[0]}${pid}/inner`), { recursive: true });
    writeFileSync(join(folder, `${names[1]}${pid}`), '');
  }
  await removeUnfinished(folder);
  const left = [`${names[0]}${process.ppid}`, ...[ended, process.pid, process.ppid].map((pid) => `${names[1]}${pid}`)];
  expect(readdirSync(folder).sort()).toEqual([...left, 'file.json'].sort());
});
