import { existsSync, renameSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '#core/errors.ts';
import { isRunning } from '#node/isRunning.mjs';

export interface ReplaceOptions {
  files: Map<string, Uint8Array>;
  /** Throws where the written bundle must not take the place. */
  check: (folder: string) => Promise<void>;
}

/**
 * Puts a bundle in a folder's place. It is written beside it and takes its name when it is whole and checked, so that a kill
 * leaves the bundle that was there or the new one.
 *
 * @throws {InputError} for a folder that cannot be written or holds anything but a bundle.
 */
export async function replaceBundle(path: string, options: ReplaceOptions): Promise<void> {
  const folder = resolve(path);
  try {
    await mkdir(dirname(folder), { recursive: true });
    await clearLeftovers(folder);
    await assertReplaceable(folder);
    await writeBeside(folder, options);
  } catch (cause) {
    const { syscall, message } = cause as NodeJS.ErrnoException;
    if (!syscall) throw cause;
    throw new InputError(`Expected to write a bundle to ${folder} but: ${message}.`, 'invalid_request', { cause });
  }
}

async function writeBeside(folder: string, { files, check }: ReplaceOptions): Promise<void> {
  const unfinished = `${folder}.unfinished-${process.pid}`;
  const previous = `${folder}.previous-${process.pid}`;
  try {
    await mkdir(unfinished);
    for (const [file, bytes] of files) await writeFile(join(unfinished, file), bytes);
    await check(unfinished);
    if (existsSync(folder)) renameSync(folder, previous);
    renameSync(unfinished, folder);
    await rm(previous, { recursive: true, force: true });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Of exports that were killed, not of those that still run. */
async function clearLeftovers(folder: string): Promise<void> {
  for (const entry of await readdir(dirname(folder))) {
    const [, kind, writer] = /\.(unfinished|previous)-(\d+)$/.exec(entry) ?? [];
    if (!kind || entry !== `${basename(folder)}.${kind}-${writer}` || isOfAnother(Number(writer))) continue;
    const leftover = join(dirname(folder), entry);
    if (kind === 'previous' && !existsSync(folder))
      renameSync(leftover, folder); // killed between the two renames
    else await rm(leftover, { recursive: true });
  }
}

function isOfAnother(processId: number): boolean {
  return processId !== process.pid && isRunning(processId);
}

/** Whether it is the name of a file that bundles have, besides examples. */
export function isBundleFile(name: string): boolean {
  return /^(manifest\.json|golden(\.\w+)?\.json|MODEL_CARD\.md|[\w.-]+\.onnx)$/.test(name);
}

async function assertReplaceable(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  if (!(await stat(folder)).isDirectory()) {
    throw new InputError(`Expected a folder for the bundle but ${folder} is a file. Choose another --out.`);
  }
  const entries = await readdir(folder);
  if (entries.length === 0) return;
  const manifest = entries.includes('manifest.json') ? await readFile(join(folder, 'manifest.json'), 'utf8') : '';
  const isBundle = manifest.includes('clapper-bundle/');
  const others = entries.filter(
    (entry) => !isBundleFile(entry) && !manifest.includes(`"file": ${JSON.stringify(entry)}`), // an example
  );
  if (isBundle && others.length === 0) return;
  throw new InputError(
    `Expected a bundle or nothing at ${folder} but it holds ${(isBundle ? others : entries).slice(0, 5).join(', ')}, ` +
      'which would be lost. Choose another --out or move them away.',
  );
}
