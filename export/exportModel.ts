import { InputError } from '#core/errors.ts';
import { packageInfo } from '#node/packageInfo.ts';
import { allowedDifference, type Comparison, compareWithTfjs } from './compare/compare.ts';
import { TfjsProcess } from './compare/tfjs.ts';
import { readAnyModel } from './convert/anyModel.ts';
import { loadCustom } from './convert/custom.ts';
import { sourceAt } from './convert/source.ts';
import { modelBytes } from './onnx/model.ts';
import type { Value } from './onnx/value.ts';
import { expectFileName, writeOnnx } from './onnx/write.ts';

export interface ExportModelOptions {
  /** Path or address of `model.json`. */
  model: string;
  /** The file to write. */
  out: string;
  /** Inputs as `[B, C, …]` instead of `[B, …, C]`. */
  channelsFirst?: boolean;
  /** `NAME=module.ts` each. */
  custom?: string[];
  /** Writes the file also where TensorFlow.js gives other numbers. */
  allowDifference?: boolean;
  /** Default true. */
  compare?: boolean;
}

export interface ModelExport extends Comparison {
  bytes: number;
  inputs: Tensor[];
  outputs: Tensor[];
  nodes: number;
  /** How many nodes of each operator. */
  operators: Record<string, number>;
  warnings: string[];
}
type Tensor = Pick<Value, 'name' | 'type' | 'shape'>;

/**
 * Any TensorFlow.js model, of layers or a graph → one ONNX file. It is written only when ONNX Runtime gives what TensorFlow.js gives, where that can be
 * asked.
 *
 * @throws {InputError} for a model that is not as expected, names every layer or operator that cannot be converted, or says by how much results differ.
 */
export async function exportModel({
  model: address,
  out,
  channelsFirst = false,
  custom = [],
  allowDifference = false,
  compare = true,
}: ExportModelOptions): Promise<ModelExport> {
  expectFileName(out);
  const tfjs = compare ? new TfjsProcess() : null; // it loads in the meantime
  try {
    const model = await readAnyModel(sourceAt(address));
    const converted = model.convert({ channelsFirst, custom: await loadCustom(custom) });
    const { graph, warnings } = converted;
    const bytes = modelBytes(graph, {
      doc: `Converted from ${model.description}.`,
      producerVersion: packageInfo.version,
      metadata: {},
    });
    const comparison = await compareWithTfjs(model.tfjs, converted, { bytes, tfjs }).catch((cause): Comparison => {
      if (allowDifference)
        return { differences: {}, unsteadiness: {}, tfjs: null, reason: `ONNX Runtime says: ${cause.message}` };
      throw new InputError(
        `Expected ONNX Runtime to run what was made of ${address} but it says: ${cause.message.replace(/\.+$/, '')}. Nothing was written to ${out}; --allow-difference writes it all the same.`,
        'invalid_request',
        { cause },
      );
    });
    if (!allowDifference) refuseDifference(comparison, { address, out, warnings });
    await writeOnnx(out, bytes);
    const tensors = (values: Value[]) => values.map(({ name, type, shape }) => ({ name, type, shape }));
    return {
      bytes: bytes.length,
      inputs: tensors(graph.inputs),
      outputs: tensors(graph.outputs),
      ...count(graph.build().node),
      warnings,
      ...comparison,
    };
  } finally {
    tfjs?.end();
  }
}

function refuseDifference(
  { differences, unsteadiness }: Comparison,
  { address, out, warnings }: { address: string; out: string; warnings: string[] },
): void {
  const off = Object.entries(differences).filter(([, difference]) => !(difference <= allowedDifference));
  if (off.length === 0) return;
  const list = off.map(([name, difference]) => `"${name}" by ${difference.toExponential(1)}`).join(', ');
  const moved = Math.max(...off.map(([name]) => unsteadiness[name] ?? 0));
  const unsteady =
    moved > allowedDifference / 10
      ? ` The model makes much of little: a millionth more or less on its inputs moves one of these by ${moved.toExponential(1)}, so that rounding may be all there is to it.`
      : '';
  const known = warnings.length > 0 ? ` What is known to differ: ${warnings.join(' ')}` : '';
  throw new InputError(
    `Expected what was made of ${address} to give in ONNX Runtime what it gives in TensorFlow.js, to ${allowedDifference}, but outputs differ: ${list}. ` +
      `Nothing was written to ${out}; --allow-difference writes it all the same.${unsteady}${known}`,
  );
}

function count(nodes: { opType: string }[]): Pick<ModelExport, 'nodes' | 'operators'> {
  const operators: Record<string, number> = {};
  for (const { opType } of nodes) operators[opType] = (operators[opType] ?? 0) + 1;
  return { nodes: nodes.length, operators };
}
