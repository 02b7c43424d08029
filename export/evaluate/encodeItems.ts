import type { Encoded } from '#core/bundle/matcher.ts';
import { type Matrix, stackMatrices } from '#core/matrix.ts';
import type { Item } from './testSet.ts';

/** Inputs that go through an encoder at once: more is no faster on a processor, and takes more memory. */
const batchSize = 16;

/**
 * Takes item after item through an encoder. A batch may hold the inputs of several items, or a part of one's; no more items are held than
 * a batch needs.
 *
 * @returns the rows of each item, in the items' order.
 */
export async function* encodeItems<Input>(
  items: readonly Item<Input>[],
  encode: (inputs: Input[]) => Promise<Encoded>,
): AsyncGenerator<Encoded> {
  const inputs: Input[] = [];
  const begun: { missing: number; parts: Encoded[] }[] = [];
  const encodeBatch = async () => {
    const encoded = await encode(inputs.splice(0, batchSize));
    let end = 0;
    for (const item of begun) {
      const taken = Math.min(item.missing, encoded.embeddings.rows - end);
      if (taken === 0) continue;
      item.parts.push(slice(encoded, end, end + taken));
      item.missing -= taken;
      end += taken;
    }
  };
  for (const item of items) {
    const own = await item.read();
    inputs.push(...own);
    begun.push({ missing: own.length, parts: [] });
    while (inputs.length >= batchSize) await encodeBatch();
    while (begun[0]?.missing === 0) yield join((begun.shift() as (typeof begun)[number]).parts);
  }
  while (inputs.length > 0) await encodeBatch();
  for (const { parts } of begun) yield join(parts);
}

function slice({ embeddings, features }: Encoded, first: number, end: number): Encoded {
  const part = ({ data, columns }: Matrix) => ({
    data: data.subarray(first * columns, end * columns),
    rows: end - first,
    columns,
  });
  return { embeddings: part(embeddings), features: features && part(features) };
}

function join(parts: Encoded[]): Encoded {
  const features = parts.flatMap((part) => part.features ?? []);
  return {
    embeddings: stackMatrices(parts.map(({ embeddings }) => embeddings)),
    features: features.length > 0 ? stackMatrices(features) : null,
  };
}
