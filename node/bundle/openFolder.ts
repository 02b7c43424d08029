import * as onnxRuntime from 'onnxruntime-node';
import { isEncoder, type Variant } from '#core/bundle/graphs.ts';
import { type Bundle, type OpenBundleOptions, openBundle } from '#core/bundle/open.ts';
import { readBundleFile } from './readManifest.ts';

export interface OpenFolderOptions extends Pick<OpenBundleOptions, 'sessionSizes'> {
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
  { threads, variant, provider = 'cpu', sessionSizes }: OpenFolderOptions = {},
): Promise<Bundle> {
  onnxRuntime.env.logLevel = 'error';
  return openBundle({
    read: (name) => readBundleFile(folder, name),
    runtime: onnxRuntime,
    variant,
    sessionSizes,
    sessionOptions: ({ kind }) => ({
      // A head is done before a GPU has been asked, and there ran in TF32 in one process of three although that is switched off.
      executionProviders: [provider === 'cuda' && !isEncoder(kind) ? 'cpu' : provider],
      logSeverityLevel: 3, // its warnings go to stderr
      ...(threads !== undefined && { intraOpNumThreads: threads, interOpNumThreads: 1 }),
    }),
  });
}
