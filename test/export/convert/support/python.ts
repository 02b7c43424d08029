import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Python } from '../../../support/pythonWith.ts';
import { families } from '../cases/index.ts';
import { compare, makeModel } from './parity.ts';

export interface PythonReport {
  onnx: string;
  runtime: string;
  files: number;
  /** Between Python's ONNX Runtime and tfjs, as a part of max(1, |x|). */
  largest: number;
  wrong: Record<string, string>;
}

/** Has Python look at every so-many-th of the tiny models. */
export async function checkInPython(python: Python, every: number): Promise<PythonReport> {
  const folder = await mkdtemp(join(tmpdir(), 'clapper-graphs-'));
  try {
    const cases = Object.values(families).flatMap((family) => Object.entries(family));
    for (const [i, [, one]] of cases.entries()) {
      if (i % every !== 0) continue;
      const model = makeModel(one);
      const { bytes, inputs, outputs } = await compare(model, one, one.batch ?? 3);
      model.dispose();
      await writeFile(join(folder, `${i}.onnx`), bytes);
      const plain = (list: typeof inputs) => list.map(({ shape, data }) => ({ shape, data: [...data] }));
      await writeFile(join(folder, `${i}.json`), JSON.stringify({ inputs: plain(inputs), outputs: plain(outputs) }));
    }
    return JSON.parse(await python(fileURLToPath(new URL('checkGraphs.py', import.meta.url)), folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}
