import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '#core/errors.ts';
import { prepareDecoders } from '#core/media/codecs/index.ts';
import { type LoadedBundle, loadBundle } from './loadBundle.ts';
import { performAll, transferablesOf } from './perform.ts';
import type { Costs, PlainError, TaskMessage, WorkerMessage, WorkerSetup } from './protocol.ts';

/** Decodes and runs ONNX Runtime, whose `run` blocks its thread, away from the thread that answers. */
const bundles = new Map<string, LoadedBundle>();
const port = parentPort as NonNullable<typeof parentPort>;
const reply = (message: WorkerMessage) => port.postMessage(message);

try {
  const setup = workerData as WorkerSetup;
  const costs: Record<string, Costs> = {};
  for (const { key, ...place } of setup.bundles) {
    const bundle = await loadBundle(place, setup);
    bundles.set(key, bundle);
    costs[key] = bundle.costs;
  }
  await prepareDecoders();
  // One after the other: a second task waits in the port, so that the thread has work when it is done with the first.
  let last = Promise.resolve();
  port.on('message', (message: TaskMessage) => {
    last = last.then(() => answer(message));
  });
  reply({ ready: costs });
} catch (error) {
  reply({ refused: toPlain(error) });
}

async function answer({ id, tasks }: TaskMessage): Promise<void> {
  const settled = await performAll(tasks, bundles);
  const outcomes = settled.map((one) => (one instanceof Error ? { failed: toPlain(one) } : { result: one }));
  const memory = settled.flatMap((one) => (one instanceof Error ? [] : transferablesOf(one)));
  port.postMessage({ id, outcomes } satisfies WorkerMessage, memory);
}

function toPlain(error: unknown): PlainError {
  if (error instanceof InputError) return { message: error.message, inputErrorKind: error.kind };
  if (error instanceof Error) return { message: error.message, stack: error.stack };
  return { message: String(error) };
}
