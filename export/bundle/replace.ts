import { existsSync, renameSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '#core/errors.ts';

/**
 * Puts a bundle in a folder's place. It is written beside it and takes its name when it is whole and checked, so that a kill
 * at any moment leaves the bundle that was there or the new one.
 *
 * @param check throws where the written bundle must not take the place.
 * @throws {InputError} for a folder that holds anything but a bundle.
 */
export async function replaceBundle(
  path: string,
  files: Map<string, Uint8Array>,
  check: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = resolve(path);
  const unfinished = `${folder}.unfinished-${process.pid}`;
  const previous = `${folder}.previous`;
  await mkdir(dirname(folder), { recursive: true });
  await removeLeftovers(folder);
  if (!existsSync(folder) && existsSync(previous)) renameSync(previous, folder); // killed between the two renames below
  await assertReplaceable(folder);
  try {
    await mkdir(unfinished);
    for (const [file, bytes] of files) await writeFile(join(unfinished, file), bytes);
    await check(unfinished);
    await rm(previous, { recursive: true, force: true });
    if (existsSync(folder)) renameSync(folder, previous);
    renameSync(unfinished, folder);
    await rm(previous, { recursive: true, force: true });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Of exports that were killed, not of those that still run. */
async function removeLeftovers(folder: string): Promise<void> {
  const prefix = `${basename(folder)}.unfinished-`;
  for (const entry of await readdir(dirname(folder))) {
    const writer = entry.startsWith(prefix) ? Number(entry.slice(prefix.length)) : null;
    if (writer !== null && (writer === process.pid || !isRunning(writer)))
      await rm(join(dirname(folder), entry), { recursive: true });
  }
}

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0); // signal 0 only asks
  } catch {
    return false;
  }
}

async function assertReplaceable(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  if (!(await stat(folder)).isDirectory()) {
    throw new InputError(`Expected a folder for the bundle but ${folder} is a file. Choose another --out.`);
  }
  const entries = await readdir(folder);
  if (entries.length === 0) return;
  const isBundle =
    entries.includes('manifest.json') &&
    (await readFile(join(folder, 'manifest.json'), 'utf8')).includes('clapper-bundle/');
  const others = entries.filter((entry) => !/^(manifest\.json|golden\.json|MODEL_CARD\.md|[\w.-]+\.onnx)$/.test(entry));
  if (isBundle && others.length === 0) return;
  throw new InputError(
    `Expected a bundle or nothing at ${folder} but it holds ${(isBundle ? others : entries).slice(0, 5).join(', ')}, ` +
      'which would be lost. Choose another --out or move them away.',
  );
}
