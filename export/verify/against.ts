import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { BundleFile } from '#core/bundle/graphs.ts';
import { elementCount } from '#core/elementCount.ts';
import { InputError } from '#core/errors.ts';
import { Random } from '#core/random.ts';
import { readManifest } from '#node/bundle/readManifest.ts';
import { read } from '#node/files.ts';
import { decodeModel } from '../onnx/decode.ts';

/** Two files that should compute the same. */
export interface FileComparison {
  /** Of the graph, or the file's. */
  name: string;
  bytes: [number, number];
  /** How many nodes of each operator, where the two differ. */
  operators: Record<string, [number, number]>;
  nodes: [number, number];
  /** By output: largest |a − b| as a share of the largest |a|, over random inputs. */
  differences: Record<string, number>;
}

/** Largest share that counts as rounding. */
export const allowedShare = 1e-4;

/**
 * Compares two bundles' fp32 graphs, or two `.onnx` files: nodes, and numbers on the same random inputs.
 *
 * @throws {InputError} where one is a bundle and the other is not, or graphs, inputs or outputs do not match.
 */
export async function compareAgainst(path: string, other: string): Promise<FileComparison[]> {
  const [isFolder, isOtherFolder] = await Promise.all([path, other].map(isDirectory));
  if (isFolder !== isOtherFolder) {
    throw new InputError(
      `Expected two bundles or two .onnx files but ${isFolder ? other : path} is a file and the other a folder.`,
    );
  }
  if (!isFolder) return [await compareFiles(path, path, other)];
  const [files, others] = [
    (await readManifest(path)).variants.fp32.files,
    (await readManifest(other)).variants.fp32.files,
  ];
  if (Object.keys(files).sort().join() !== Object.keys(others).sort().join()) {
    throw new InputError(
      `Expected two bundles of the same graphs but ${path} has ${Object.keys(files).join(', ')} and ${other} ${Object.keys(others).join(', ')}.`,
    );
  }
  const comparisons: FileComparison[] = [];
  for (const name of Object.keys(files)) {
    const at = (folder: string, list: Record<string, BundleFile>) => join(folder, (list[name] as BundleFile).file);
    comparisons.push(await compareFiles(name, at(path, files), at(other, others)));
  }
  return comparisons;
}

async function compareFiles(name: string, file: string, otherFile: string): Promise<FileComparison> {
  const contents = await Promise.all([file, otherFile].map(read));
  const counts = contents.map((content, i) =>
    countOperators(decodeModel(content, i === 0 ? file : otherFile).graph.node),
  );
  const [a, b] = counts as [Map<string, number>, Map<string, number>];
  const operators = [...new Set([...a.keys(), ...b.keys()])].sort();
  const pair = (operator: string): [number, number] => [a.get(operator) ?? 0, b.get(operator) ?? 0];
  const sum = (map: Map<string, number>) => [...map.values()].reduce((total, count) => total + count, 0);
  return {
    name,
    bytes: contents.map(({ length }) => length) as [number, number],
    operators: Object.fromEntries(
      operators.map((operator) => [operator, pair(operator)] as const).filter(([, [x, y]]) => x !== y),
    ),
    nodes: [sum(a), sum(b)],
    differences: await compareNumbers(contents as [Uint8Array, Uint8Array], `${file} and ${otherFile}`),
  };
}

function countOperators(nodes: { opType: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { opType } of nodes) counts.set(opType, (counts.get(opType) ?? 0) + 1);
  return counts;
}

async function compareNumbers(contents: [Uint8Array, Uint8Array], where: string): Promise<Record<string, number>> {
  const sessions = await Promise.all(
    contents.map((content) => InferenceSession.create(content, { logSeverityLevel: 3 })),
  );
  try {
    const [a, b] = sessions as [InferenceSession, InferenceSession];
    const inputs = a.inputMetadata.map((input, i) => ({
      value: randomTensor(input, i),
      other: counterpart(input.name, i, a.inputNames, b.inputNames, where),
    }));
    const given = await a.run(Object.fromEntries(inputs.map(({ value }, i) => [a.inputNames[i] as string, value])));
    const wanted = await b.run(Object.fromEntries(inputs.map(({ value, other }) => [other, value])));
    return Object.fromEntries(
      a.outputNames.map((name, i) => {
        const other = counterpart(name, i, a.outputNames, b.outputNames, where);
        return [name, shareApart(given[name] as Tensor, wanted[other] as Tensor)];
      }),
    );
  } finally {
    for (const session of sessions) await session.release();
  }
}

/** By name where the names are the same, else in order. */
function counterpart(
  name: string,
  position: number,
  names: readonly string[],
  others: readonly string[],
  where: string,
): string {
  if (names.length !== others.length) {
    throw new InputError(
      `Expected as many inputs and outputs in ${where} but one has ${names.join(', ')} and the other ${others.join(', ')}.`,
    );
  }
  return others.includes(name) ? name : (others[position] as string);
}

/** Two of each where the batch is free, 32 of other free sizes. */
function randomTensor(input: InferenceSession.ValueMetadata, seed: number): Tensor {
  if (!input.isTensor) throw new InputError(`Expected the input "${input.name}" to be a tensor.`);
  const dims = input.shape.map((size, axis) => (typeof size === 'number' && size > 0 ? size : axis === 0 ? 2 : 32));
  const length = elementCount(dims);
  const random = new Random(seed, 7);
  if (input.type === 'float32')
    return new Tensor(
      'float32',
      Float32Array.from({ length }, () => random.uniform(-1, 1)),
      dims,
    );
  if (input.type === 'uint8')
    return new Tensor(
      'uint8',
      Uint8Array.from({ length }, () => random.integer(256)),
      dims,
    );
  if (input.type === 'int32')
    return new Tensor(
      'int32',
      Int32Array.from({ length }, () => random.integer(2)),
      dims,
    );
  if (input.type === 'int64')
    return new Tensor(
      'int64',
      BigInt64Array.from({ length }, () => BigInt(random.integer(2))),
      dims,
    );
  throw new InputError(`Expected the input "${input.name}" as numbers but it is ${input.type}.`);
}

function shareApart(a: Tensor, b: Tensor): number {
  if (a.dims.join() !== b.dims.join()) return Number.POSITIVE_INFINITY;
  const [values, others] = [a.data as Float32Array, b.data as Float32Array];
  let [difference, largest] = [0, 1e-30];
  for (let i = 0; i < values.length; i++) {
    largest = Math.max(largest, Math.abs(Number(values[i])));
    const apart = Math.abs(Number(values[i]) - Number(others[i]));
    if (!(apart <= difference)) difference = apart; // keeps a NaN
  }
  return difference / largest;
}

async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (!found) throw new InputError(`Expected a bundle or an .onnx file at ${path} but it does not exist.`, 'not_found');
  return found.isDirectory();
}
