import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Lock, tryLock } from '#node/lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a lock is held by one at a time, and free once released', async () => {
  const file = join(folder, 'one.lock');
  const lock = (await tryLock(file)) as Lock;
  expect(await tryLock(file)).toEqual({ owner: `${hostname()} ${process.pid}` });
  await lock.release();
  expect(existsSync(file)).toBe(false);
  await ((await tryLock(file)) as Lock).release();
});

test.each([
  ['a process that has ended', `${hostname()} 99999999`, 0],
  ['one of this process’s number before it', `${hostname()} ${process.pid}`, 0],
  ['one on another machine that has long been silent', 'elsewhere 1', 3600],
])('a lock of %s is taken over', async (what, owner, silentSeconds) => {
  const file = join(folder, `${what}.lock`);
  writeFileSync(file, owner);
  const then = new Date(Date.now() - 1000 * silentSeconds);
  utimesSync(file, then, then);
  const lock = await tryLock(file);
  expect(lock).toHaveProperty('release');
  await (lock as Lock).release();
});

test('one on another machine that gave a sign just now keeps it', async () => {
  const file = join(folder, 'elsewhere.lock');
  writeFileSync(file, 'elsewhere 1');
  expect(await tryLock(file)).toEqual({ owner: 'elsewhere 1' });
});
