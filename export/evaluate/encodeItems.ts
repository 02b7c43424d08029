import type { Encoded } from '#core/bundle/open.ts';
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
  const begun: { size: number; encoded: Encoded }[] = [];
  const isDone = (item: (typeof begun)[number]) => item.encoded.embeddings.length === item.size;
  const encodeBatch = async () => {
    const { embeddings, features } = await encode(inputs.splice(0, batchSize));
    for (const [i, embedding] of embeddings.entries()) {
      const { encoded } = begun.find((item) => !isDone(item)) as (typeof begun)[number];
      encoded.embeddings.push(embedding);
      encoded.features.push(features[i] as Float32Array);
    }
  };
  for (const item of items) {
    const own = await item.read();
    inputs.push(...own);
    begun.push({ size: own.length, encoded: { embeddings: [], features: [] } });
    while (inputs.length >= batchSize) await encodeBatch();
    while (begun[0] && isDone(begun[0])) yield (begun.shift() as (typeof begun)[number]).encoded;
  }
  while (inputs.length > 0) await encodeBatch();
  for (const { encoded } of begun) yield encoded;
}
