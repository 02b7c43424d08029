import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { GoldenReport } from '#core/bundle/golden.ts';
import { InputError } from '#core/errors.ts';
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

export interface ExportResult {
  name: string;
  files: { file: string; bytes: number }[];
  /** From the trainer's own numbers. */
  differences: GoldenReport['differences'];
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
  const notes = notesFile === undefined ? undefined : await readNotes(notesFile);
  const files = buildBundle(await readCheckpoint(checkpoint), { name, version, licence, notes });
  let differences: GoldenReport['differences'] = {};
  await replaceBundle(out, files, async (folder) => {
    const report = await verifyBundle(folder);
    if (report.failed.length > 0) {
      const off = report.failed.map((output) => `${output} (by ${report.differences[output]})`).join(', ');
      throw new InputError(
        `Expected the exported graphs to give what the checkpoint's golden.json holds but these differ: ${off}. ` +
          `Nothing was written to ${out}. Its weights and its golden.json may be of different steps.`,
      );
    }
    differences = report.differences;
  });
  return { name, files: [...files].map(([file, { length }]) => ({ file, bytes: length })), differences };
}

async function readNotes(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new InputError(`Expected a text file at --notes ${file} but it cannot be read.`, 'not_found', { cause });
  }
}
