import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Python } from '../../../support/pythonWith.ts';
import { families } from '../cases/index.ts';
import { families as graphFamilies } from '../graphModel/cases/index.ts';
import { compare as compareGraphs } from '../graphModel/parity.ts';
import { type Comparison, compare, makeModel } from './parity.ts';

export interface PythonReport {
  onnx: string;
  runtime: string;
  files: number;
  /** Between Python's ONNX Runtime and tfjs, as a part of max(1, |x|). */
  largest: number;
  wrong: Record<string, string>;
}

/** A graph that was converted, and what was put in and came out of TensorFlow.js. */
type Made = Pick<Comparison, 'bytes' | 'inputs' | 'outputs'>;

/** Every tiny model and every tiny graph, to be made when it is asked for. */
export function tinyCases(): (() => Promise<Made>)[] {
  const layers = Object.values(families)
    .flatMap((family) => Object.values(family))
    .map((one) => async () => {
      const model = makeModel(one);
      const made = await compare(model, one, one.batch ?? 3);
      model.dispose();
      return made;
    });
  const graphs = Object.values(graphFamilies)
    .flatMap((family) => Object.values(family))
    .map((one) => () => compareGraphs(one, 3));
  return [...layers, ...graphs];
}

/** Has Python look at what is made. */
export async function checkInPython(python: Python, cases: (() => Promise<Made>)[]): Promise<PythonReport> {
  const folder = await mkdtemp(join(tmpdir(), 'clapper-graphs-'));
  try {
    for (const [i, make] of cases.entries()) {
      const { bytes, inputs, outputs } = await make();
      await writeFile(join(folder, `${i}.onnx`), bytes);
      const plain = (list: typeof inputs) => list.map(({ shape, data }) => ({ shape, data: [...data] }));
      await writeFile(join(folder, `${i}.json`), JSON.stringify({ inputs: plain(inputs), outputs: plain(outputs) }));
    }
    return JSON.parse(await python(fileURLToPath(new URL('checkGraphs.py', import.meta.url)), folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}
