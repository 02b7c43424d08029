import { InputError } from '#core/errors.ts';
import { type Call, isInput, type Reference } from './network.ts';

/**
 * Every call that the outputs need, in the order in which tfjs makes them (`executor.ts`: from each output down, the last input first).
 * The order matters where there are masks: tfjs hands the latest on to layers that have none.
 *
 * Keeps a list of its own instead of calling itself: a model may be 10,000 layers long.
 *
 * @throws {InputError} naming the layers of a cycle.
 */
export function executionOrder(outputs: Reference[], where: string): Call[] {
  const order: Call[] = [];
  const done = new Set<Call>();
  const open = new Set<Call>();
  for (const output of outputs) {
    const waiting = isInput(output) ? [] : [output.call];
    for (let call = waiting.at(-1); call; call = waiting.at(-1)) {
      if (done.has(call)) {
        waiting.pop();
      } else if (open.has(call)) {
        waiting.pop();
        open.delete(call);
        done.add(call);
        order.push(call);
      } else {
        open.add(call);
        for (const input of call.inputs) {
          if (isInput(input) || done.has(input.call)) continue;
          if (open.has(input.call)) {
            const names = [...open].map(({ layer }) => layer.name);
            const cycle = names.slice(names.indexOf(input.call.layer.name)).join(' ← ');
            throw new InputError(`Expected ${where} without cycles but its layers wait for one another: ${cycle}.`);
          }
          waiting.push(input.call);
        }
      }
    }
  }
  return order;
}
