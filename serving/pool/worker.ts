import { parentPort, workerData } from 'node:worker_threads';
import { expectGolden } from '#core/bundle/golden/check.ts';
import { InputError } from '#core/errors.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { createPerformer, type Performer } from '../tasks.ts';
import type { PlainError, TaskMessage, WorkerMessage, WorkerSetup } from './protocol.ts';

/** Decodes and runs ONNX Runtime, whose `run` blocks its thread, away from the thread that answers HTTP. */
const performers = new Map<string, Performer>();
const reply = (message: WorkerMessage) => parentPort?.postMessage(message);

try {
  await openAll(workerData);
  parentPort?.on('message', (task: TaskMessage) => {
    perform(task).then(reply);
  });
  reply({ ready: true });
} catch (error) {
  reply({ failed: toPlain(error) });
}

async function openAll({ folders, threads }: WorkerSetup): Promise<void> {
  for (const [model, folder] of Object.entries(folders)) {
    const bundle = await openBundleFolder(folder, { threads });
    await expectGolden(bundle, folder); // it warms the graphs up as well
    performers.set(model, createPerformer(bundle));
  }
}

async function perform({ model, name, input }: TaskMessage): Promise<WorkerMessage> {
  const performer = performers.get(model) as Performer;
  try {
    return { performed: await performer.perform(name, input) };
  } catch (error) {
    return { failed: toPlain(error) };
  }
}

function toPlain(error: unknown): PlainError {
  if (error instanceof InputError) return { message: error.message, inputErrorKind: error.kind };
  if (error instanceof Error) return { message: error.message, stack: error.stack };
  return { message: String(error) };
}
