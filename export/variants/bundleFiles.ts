import { createHash } from 'node:crypto';
import * as onnxRuntime from 'onnxruntime-node';
import type { BundleFile, Variant } from '#core/bundle/graphs.ts';
import { type BundleManifest, parseManifest } from '#core/bundle/manifest.ts';
import { type Bundle, openBundle } from '#core/bundle/open.ts';
import { InputError } from '#core/errors.ts';

/** Every file of a bundle by its name, before it is written. */
export type BundleFiles = Map<string, Uint8Array>;

export function manifestOf(files: BundleFiles): BundleManifest {
  return parseManifest(new TextDecoder().decode(fileOf(files, 'manifest.json')), 'manifest.json');
}

export function fileOf(files: BundleFiles, name: string): Uint8Array {
  const content = files.get(name);
  if (!content) throw new InputError(`The bundle lacks its file ${name}. Copy or export it again.`, 'not_found');
  return content;
}

/** Puts a file among the others. @returns how a manifest names it. */
export function addFile(files: BundleFiles, file: string, content: Uint8Array): BundleFile {
  files.set(file, content);
  return { file, sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}

/** @param manifest in place of the one among the files. */
export async function openFiles(files: BundleFiles, manifest: BundleManifest, variant: Variant): Promise<Bundle> {
  onnxRuntime.env.logLevel = 'error';
  const json = new TextEncoder().encode(JSON.stringify(manifest));
  return openBundle({
    read: async (name) => (name === 'manifest.json' ? json : fileOf(files, name)),
    runtime: onnxRuntime,
    variant,
    sessionOptions: () => ({ logSeverityLevel: 3 }),
  });
}
