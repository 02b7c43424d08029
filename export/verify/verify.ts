import { join } from 'node:path';
import { type GoldenReport, replayGolden } from '#core/bundle/golden/check.ts';
import { graphFiles, type Variant, type VariantContent } from '#core/bundle/graphs.ts';
import { bundleFiles } from '#core/bundle/manifest.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { readListed, readManifest } from '#node/bundle/readManifest.ts';
import { evaluateOpened } from '../evaluate/evaluate.ts';
import { decodeModel } from '../onnx/decode.ts';
import { accuracyDrops, metricsOf } from '../variants/accuracy.ts';
import { type BatchReport, checkBatches } from './batches.ts';
import { checkOnnx } from './checkOnnx.ts';

/** Points of accuracy that a variant may lose beside fp32, as a share. */
export const allowedDrop: Record<Exclude<Variant, 'fp32'>, number> = { fp16: 0.001, int8: 0.005 };

export interface VariantCheck {
  variant: Variant;
  golden: GoldenReport;
  batches: BatchReport;
  /** Of each accuracy, how much less than fp32: measured here on the dataset where one was named, else as the manifest has it. */
  drops: Record<string, number>;
  /** Empty: nothing is wrong. */
  problems: string[];
}

export interface VerifyReport {
  /** Whose length and sha256 are the manifest's. */
  files: number;
  /** What is wrong with a graph as a file, by its name. */
  onnx: Record<string, string[]>;
  variants: VariantCheck[];
  passed: boolean;
}

export interface VerifyOptions {
  bundle: string;
  /** Whose test pairs every variant is judged by. */
  dataset?: string | undefined;
  progress: ProgressOutput;
}

/**
 * Everything that can be known of a bundle: schema and hashes, ONNX's rules, the trainer's numbers, rows in any batch, and what each variant
 * loses.
 *
 * @throws {InputError} for a folder that is not a bundle, or a file that is not what the manifest says.
 */
export async function verify({ bundle: folder, dataset, progress }: VerifyOptions): Promise<VerifyReport> {
  const manifest = await readManifest(folder);
  const files = new Map<string, Uint8Array>();
  for (const entry of bundleFiles(manifest)) files.set(entry.file, await readListed(folder, entry));
  const onnx: VerifyReport['onnx'] = {};
  const contents = Object.entries(manifest.variants) as [Variant, VariantContent][];
  for (const { file } of new Set(contents.flatMap(([, content]) => graphFiles(content)))) {
    const problems = checkOnnx(decodeModel(files.get(file) as Uint8Array, join(folder, file)));
    if (problems.length > 0) onnx[file] = problems;
  }
  const variants: VariantCheck[] = [];
  let fp32: Record<string, number> = {};
  for (const [variant, content] of contents) {
    const bundle = await openBundleFolder(folder, { variant });
    try {
      const golden = await replayGolden(bundle);
      const batches = await checkBatches(bundle);
      const metrics = dataset
        ? metricsOf(await evaluateOpened(bundle, { dataset, progress }), manifest)
        : content.metrics;
      if (variant === 'fp32') fp32 = metrics;
      const drops = variant === 'fp32' ? {} : accuracyDrops(metrics, fp32);
      variants.push({ variant, golden, batches, drops, problems: problemsOf(variant, { golden, batches, drops }) });
    } finally {
      await bundle.release();
    }
  }
  const passed = Object.keys(onnx).length === 0 && variants.every(({ problems }) => problems.length === 0);
  return { files: files.size, onnx, variants, passed };
}

function problemsOf(
  variant: Variant,
  { golden, batches, drops }: Omit<VariantCheck, 'variant' | 'problems'>,
): string[] {
  const allowed = variant === 'fp32' ? 0 : allowedDrop[variant];
  return [
    ...golden.failed.map((output) => `${output} is not what the trainer gave`),
    ...batches.failed.map((graph) => `rows of ${graph} depend on their batch`),
    ...Object.entries(drops)
      .filter(([, drop]) => drop > allowed)
      .map(([metric, drop]) => `${metric} falls by ${(100 * drop).toFixed(2)} points, ${100 * allowed} allowed`),
  ];
}
