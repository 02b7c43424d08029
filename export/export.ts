import { basename, resolve } from 'node:path';
import { describeFailures, type GoldenReport } from '#core/bundle/golden/check.ts';
import { bundleFiles } from '#core/bundle/manifest.ts';
import { InputError } from '#core/errors.ts';
import { readBundleFile, readListed, readManifest } from '#node/bundle/readManifest.ts';
import { read } from '#node/files.ts';
import { buildBundle } from './bundle/build.ts';
import { replaceBundle } from './bundle/replace.ts';
import { modelCard, notesOf } from './card/modelCard.ts';
import { readCheckpoint } from './checkpoint.ts';
import { addExamples } from './examples/addExamples.ts';
import type { Examples } from './examples/described.ts';
import { readExamples } from './examples/readExamples.ts';
import { convertCheckpoint } from './tf2onnx/convertCheckpoint.ts';
import type { EngineOptions } from './tf2onnx/engine.ts';
import { type BundleFiles, fileOf, manifestOf } from './variants/bundleFiles.ts';
import { makeVariants, type VariantOptions, type VariantReport } from './variants/makeVariants.ts';
import { verifyBundle } from './verify/golden.ts';

export interface ExportOptions {
  /** `runs/NAME`, or one `step-N` in it. */
  checkpoint: string;
  /** Folder of the bundle. */
  out: string;
  /** Default the folder's name. */
  name?: string | undefined;
  version: string;
  /** Of the weights; default the licence of the data. */
  licence?: string | undefined;
  /** Markdown file to end the model card with. */
  notesFile?: string | undefined;
  /** Beside fp32. */
  variants?: VariantOptions | undefined;
  /** Folder of files to try the model with. */
  examples?: string | undefined;
  /** Makes the graphs by way of Keras and tf2onnx. */
  tf2onnx?: EngineOptions | undefined;
}

/** With how far it is from the trainer's own numbers. */
export interface ExportResult extends Pick<GoldenReport, 'differences' | 'allowed'> {
  name: string;
  files: { file: string; bytes: number }[];
  variants: VariantReport[];
}

/**
 * Checkpoint → bundle. The folder changes only when ONNX Runtime gives what the trainer's runtime gave.
 *
 * @throws {InputError} for a checkpoint that is not as expected or cannot be exported, or a folder that is not a bundle.
 */
export async function exportBundle(options: ExportOptions): Promise<ExportResult> {
  const { checkpoint, out, name = basename(resolve(out)), version, licence, notesFile, variants, tf2onnx } = options;
  const examples = options.examples === undefined ? undefined : await readExamples(options.examples);
  if (!/^[\w-]+$/.test(name)) {
    throw new InputError(
      `Expected a name of letters, digits, "-" and "_" but received "${name}". Give one with --name.`,
    );
  }
  const notes = notesFile && new TextDecoder().decode(await read(notesFile));
  const trained = await readCheckpoint(checkpoint);
  const description = { name, version, licence, notes };
  const own = buildBundle(trained, description);
  const converted = tf2onnx && (await convertCheckpoint(trained, manifestOf(own).graphs, tf2onnx));
  const files = converted ? buildBundle(trained, { ...description, converted }) : own;
  return writeBundle(out, await extend(files, { variants, examples, notes }));
}

export interface ExtendOptions extends Pick<ExportOptions, 'out' | 'notesFile' | 'variants' | 'examples'> {
  /** Folder of the bundle; it may be `out` itself. */
  bundle: string;
}

/** Bundle → the same with variants or examples, checked as {@link exportBundle} does. @throws {InputError} for a folder that is not a whole bundle. */
export async function extendBundle(options: ExtendOptions): Promise<ExportResult> {
  const { bundle, out, notesFile, variants } = options;
  const notes = notesFile && new TextDecoder().decode(await read(notesFile));
  const examples = options.examples === undefined ? undefined : await readExamples(options.examples);
  return writeBundle(out, await extend(await readBundle(bundle), { variants, examples, notes }));
}

interface Extension {
  variants: VariantOptions | undefined;
  examples: Examples | undefined;
  notes: string | undefined;
}

async function extend(bundle: BundleFiles, { variants, examples, notes }: Extension): Promise<Made> {
  if (!variants && !examples) return { files: bundle, reports: [] };
  const plain = { files: bundle, manifest: manifestOf(bundle), reports: [] };
  const made = variants ? await makeVariants(bundle, variants) : plain;
  const { files, manifest } = examples ? addExamples(made.files, made.manifest, examples) : made;
  const kept = notes ?? notesOf(new TextDecoder().decode(fileOf(files, 'MODEL_CARD.md')));
  const text = (content: string) => new TextEncoder().encode(`${content}\n`);
  const described: [string, Uint8Array][] = [
    ['manifest.json', text(JSON.stringify(manifest, null, 2))],
    ['MODEL_CARD.md', text(modelCard(manifest, kept))],
  ];
  return { files: new Map([...files, ...described]), reports: made.reports };
}

interface Made {
  files: BundleFiles;
  reports: VariantReport[];
}

async function writeBundle(out: string, { files, reports }: Made): Promise<ExportResult> {
  let golden: Pick<GoldenReport, 'differences' | 'allowed'> = { differences: {}, allowed: {} };
  const check = async (folder: string) => {
    const report = await verifyBundle(folder);
    golden = report;
    if (report.failed.length === 0) return;
    throw new InputError(
      `Expected the exported graphs to give what the checkpoint's golden.json holds but these do not: ${describeFailures(report)}. ` +
        `Nothing was written to ${out}. Its weights and its golden.json may be of different steps.`,
    );
  };
  await replaceBundle(out, { files, check });
  const { differences, allowed } = golden;
  const list = [...files].map(([file, { length }]) => ({ file, bytes: length }));
  return { name: manifestOf(files).name, files: list, differences, allowed, variants: reports };
}

async function readBundle(folder: string): Promise<BundleFiles> {
  const manifest = await readManifest(folder);
  const files: BundleFiles = new Map();
  for (const entry of bundleFiles(manifest)) files.set(entry.file, await readListed(folder, entry));
  for (const file of ['manifest.json', 'MODEL_CARD.md']) files.set(file, await readBundleFile(folder, file));
  return files;
}
