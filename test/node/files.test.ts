import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFrom } from '#node/files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clapper-files-'));
  await mkdir(join(folder, 'inside/part'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'inside/part/own.txt'), 'own');
  await symlink('part/own.txt', join(folder, 'inside/link.txt'));
  await symlink('../secret.txt', join(folder, 'inside/stolen.txt'));
  await symlink('..', join(folder, 'inside/up'));
  await symlink(join(folder, 'inside'), join(folder, 'alias'));
});
afterAll(() => rm(folder, { recursive: true }));

const readText = async (root: string, file: string) =>
  new TextDecoder().decode(await readFrom(join(folder, root))(file));

test('files of a folder are read, also where the folder itself or a file in it is a link to one inside', async () => {
  expect(await readText('inside', 'part/own.txt')).toBe('own');
  expect(await readText('inside', './link.txt')).toBe('own');
  expect(await readText('alias', 'link.txt')).toBe('own');
});

test('what is read are plain bytes, of which a slice is a copy', async () => {
  const bytes = await readFrom(join(folder, 'inside'))('part/own.txt');
  bytes.slice().fill(0);
  expect(new TextDecoder().decode(bytes)).toBe('own');
  expect(bytes.slice(1).buffer.byteLength).toBe(2);
});

test.each(['../secret.txt', 'part/../../secret.txt', '/etc/passwd', '..\\secret.txt', 'own.txt\0'])(
  '%j is refused by name before anything is read',
  async (file) => {
    await expect(readText('inside', file)).rejects.toThrow(
      /^Expected a file inside .*inside but received ".*, which is no name/,
    );
  },
);

test.each(['stolen.txt', 'up/secret.txt'])(
  '%s, a link out of the folder, is refused with where it leads',
  async (file) => {
    await expect(readText('inside', file)).rejects.toThrow(/is a link to .*secret\.txt, outside\. Copy the file there/);
  },
);

test('a file that is not there is said', async () => {
  await expect(readText('inside', 'none.txt')).rejects.toThrow(/none\.txt but it does not exist/);
});
