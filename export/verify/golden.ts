import { type GoldenReport, replayGolden } from '#core/bundle/golden/check.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';

/**
 * Runs a bundle on its golden inputs in ONNX Runtime.
 *
 * @throws {InputError} for a folder that is not a bundle, or a file that is not what the manifest says.
 */
export async function verifyBundle(folder: string): Promise<GoldenReport> {
  const bundle = await openBundleFolder(folder);
  try {
    return await replayGolden(bundle);
  } finally {
    await bundle.release();
  }
}
