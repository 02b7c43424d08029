import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addExport } from '../../export/commands/export.ts';

/** @returns what the command says before it begins. */
async function said(args: string): Promise<string> {
  let text = '';
  const program = new Command();
  addExport(program);
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ writeErr: (written) => (text += written) });
  await expect(program.parseAsync(['export', ...args.split(' ')], { from: 'user' })).rejects.toThrow();
  return text;
}

test.each([
  ['--checkpoint c --out o --nchw', "'--nchw' goes with '--tfjs-model <address>' by the route of TypeScript"],
  ['--tfjs-model m --out o --route tf2onnx --custom A=b.ts', "'--custom' goes with '--tfjs-model <address>' by"],
  ['--bundle b --examples e --no-compare', "'--no-compare' goes with '--tfjs-model <address>'"],
  ['--tfjs-model m --out o --name n', "'--name' goes with '--checkpoint <path>'"],
  ['--bundle b --examples e --licence MIT', "'--licence' goes with '--checkpoint <path>'"],
  ['--tfjs-model m --out o --variants int8', "'--variants' goes with '--checkpoint <path>' or '--bundle <folder>'"],
  ['--bundle b --out o --to hub --examples e', "'--examples' goes with '--checkpoint <path>' or '--bundle <folder>'"],
  ['--checkpoint c --out o --calibrate d', "'--calibrate' goes with '--variants <list>'"],
  ['--checkpoint c --out o --calibration-samples 3', "'--calibration-samples' goes with '--variants <list>'"],
  ['--bundle b --out o --to hub --variant int8', "'--variant' goes with '--to triton'"],
  ['--bundle b --examples e --route tf2onnx', "'--route' goes with '--checkpoint <path>' or '--tfjs-model"],
  ['--checkpoint c --out o --engine podman', "'--engine' goes with '--route tf2onnx'"],
  ['--checkpoint c --out o --route tf2onnx --base-image i', "'--base-image' goes with '--route tf2onnx' with"],
  ['--checkpoint c --out o --route tf2onnx --engine docker --isolation chroot', "'--isolation' goes with"],
  ['--tfjs-model m --out o --to triton', "'--to triton' asks for '--bundle <folder>'"],
  ['--bundle b', "'--bundle <folder>' asks for '--variants <list>' or '--examples <folder>'"],
  ['--checkpoint c', "required option '--out <path>' not specified"],
  ['--out o', "expected '--checkpoint <path>', '--tfjs-model <address>' or '--bundle <folder>'"],
])('export %s: what would not be heeded is refused', async (args, message) => {
  expect(await said(args)).toContain(message);
});
