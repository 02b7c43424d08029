import * as onnxRuntime from 'onnxruntime-node';
import { type Bundle, openBundle } from '#core/bundle/open.ts';
import { readFrom } from '#node/files.ts';

/** Loads a bundle's graphs for onnxruntime-node on the CPU, without its warnings on stderr. */
export function openBundleFolder(folder: string): Promise<Bundle> {
  onnxRuntime.env.logLevel = 'error';
  return openBundle({ read: readFrom(folder), runtime: onnxRuntime, sessionOptions: { logSeverityLevel: 3 } });
}
