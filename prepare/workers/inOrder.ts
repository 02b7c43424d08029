import type { PlannedItem } from '../plan.ts';
import type { Pool } from './pool.ts';
import type { Prepared } from './protocol.ts';

/** Keeps `ahead` items in work and gives the answers in the items' order, so that what is written depends on no timing. */
export async function* prepareInOrder(items: PlannedItem[], pool: Pool, ahead: number): AsyncGenerator<Prepared> {
  const answers: Promise<Prepared>[] = [];
  for (const { item } of items) {
    const answer = pool.prepare(item);
    answer.catch(() => {}); // seen when its turn comes
    answers.push(answer);
    if (answers.length > ahead) yield (await answers.shift()) as Prepared;
  }
  for (const answer of answers) yield await answer;
}
