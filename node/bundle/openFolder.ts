import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as onnxRuntime from 'onnxruntime-node';
import type { Variant } from '#core/bundle/graphs.ts';
import { type BundleManifest, parseManifest } from '#core/bundle/manifest.ts';
import { type Bundle, openBundle } from '#core/bundle/open.ts';
import { InputError } from '#core/errors.ts';
import { placeInside } from '../files.ts';

/** @throws {InputError} for a folder that is no bundle, saying what makes one. */
export async function readManifest(folder: string): Promise<BundleManifest> {
  const bytes = await readBundleFile(folder, 'manifest.json');
  return parseManifest(bytes.toString(), join(folder, 'manifest.json'));
}

export interface OpenFolderOptions {
  /** That each graph runs on; default as many as ONNX Runtime chooses. */
  threads?: number;
  /** Default fp32. */
  variant?: Variant;
  /** What runs the graphs; default the processor. */
  provider?: 'cpu' | 'cuda' | 'webgpu';
}

/**
 * Loads the bundle's graphs.
 *
 * @throws {InputError} for a folder that is no bundle, or a file that is not what the manifest says.
 */
export async function openBundleFolder(
  folder: string,
  { threads, variant, provider = 'cpu' }: OpenFolderOptions = {},
): Promise<Bundle> {
  onnxRuntime.env.logLevel = 'error';
  return openBundle({
    read: (name) => readBundleFile(folder, name),
    runtime: onnxRuntime,
    variant,
    sessionOptions: {
      executionProviders: [provider],
      logSeverityLevel: 3, // its warnings go to stderr
      ...(threads !== undefined && { intraOpNumThreads: threads, interOpNumThreads: 1 }),
    },
  });
}

async function readBundleFile(folder: string, name: string): Promise<Buffer> {
  return readFile(await placeInside(folder, name)).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') throw cause;
    const message =
      name === 'manifest.json'
        ? `Expected a bundle in ${folder} but there is no manifest.json. Make one with: npx clapper export --checkpoint runs/NAME --out ${folder}`
        : `The bundle ${folder} lacks its file ${name}. Copy or export it again.`;
    throw new InputError(message, 'not_found', { cause });
  });
}
