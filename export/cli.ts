import type { Command } from 'commander';
import { addEvaluate } from './commands/evaluate.ts';
import { addExport } from './commands/export.ts';
import { addSamples } from './commands/samples.ts';
import { addVerify } from './commands/verify.ts';

/** Adds `export`, `verify`, `evaluate` and `samples`. */
export function addExportCommands(program: Command): void {
  addExport(program);
  addVerify(program);
  addEvaluate(program);
  addSamples(program);
}
