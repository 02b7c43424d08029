import { basename, resolve } from 'node:path';
import { describeFailures, type GoldenReport } from '#core/bundle/golden/check.ts';
import { InputError } from '#core/errors.ts';
import { read } from '#node/files.ts';
import { buildBundle } from './bundle/build.ts';
import { replaceBundle } from './bundle/replace.ts';
import { readCheckpoint } from './checkpoint.ts';
import { verifyBundle } from './verify.ts';

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
}

/** With how far it is from the trainer's own numbers. */
export interface ExportResult extends Pick<GoldenReport, 'differences' | 'allowed'> {
  name: string;
  files: { file: string; bytes: number }[];
}

/**
 * Checkpoint → bundle. The folder changes only when ONNX Runtime gives what the trainer's runtime gave.
 *
 * @throws {InputError} for a checkpoint that is not as expected or cannot be exported, or a folder that is not a bundle.
 */
export async function exportBundle(options: ExportOptions): Promise<ExportResult> {
  const { checkpoint, out, name = basename(resolve(out)), version, licence, notesFile } = options;
  if (!/^[\w-]+$/.test(name)) {
    throw new InputError(
      `Expected a name of letters, digits, "-" and "_" but received "${name}". Give one with --name.`,
    );
  }
  const notes = notesFile && new TextDecoder().decode(await read(notesFile));
  const files = buildBundle(await readCheckpoint(checkpoint), { name, version, licence, notes });
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
  return { name, files: [...files].map(([file, { length }]) => ({ file, bytes: length })), differences, allowed };
}
