import { InputError } from '#core/errors.ts';
import { prepareDecoders } from '#core/media/codecs/index.ts';
import { childPipe } from '#node/child.ts';
import { readLargeFiles } from './largeFiles.ts';
import { type LoadedBundle, loadBundle } from './loadBundle.ts';
import { performAll } from './perform.ts';
import type { Costs, PlainError, TaskMessage, WorkerMessage, WorkerSetup } from './protocol.ts';

/** Decodes and runs ONNX Runtime, whose `run` blocks, away from the process that answers. */
const bundles = new Map<string, LoadedBundle>();
const reply = (message: WorkerMessage) => void process.send?.(message);

// Ctrl-C reaches the whole group of processes; this one is ended by the server, when it has nothing left to do, or with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());

process.once('message', async (setup: WorkerSetup) => {
  try {
    const costs: Record<string, Costs> = {};
    for (const { key, ...place } of setup.bundles) {
      const bundle = await loadBundle(place, setup);
      bundles.set(key, bundle);
      costs[key] = bundle.costs;
    }
    await prepareDecoders();
    // One after the other: a second message waits, so that there is work when the first is done.
    let last = Promise.resolve();
    process.on('message', (message: TaskMessage) => {
      last = last.then(() => answer(message));
    });
    reply({ ready: costs });
  } catch (error) {
    reply({ refused: toPlain(error) });
  }
});

async function answer(message: TaskMessage): Promise<void> {
  const { id, tasks } = message;
  readLargeFiles(childPipe, message);
  const settled = await performAll(tasks, bundles);
  const outcomes = settled.map((one) => (one instanceof Error ? { failed: toPlain(one) } : one));
  reply({ id, outcomes });
}

function toPlain(error: unknown): PlainError {
  if (error instanceof InputError) return { message: error.message, inputErrorKind: error.kind };
  if (error instanceof Error) return { message: error.message, stack: error.stack };
  return { message: String(error) };
}
