import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '#core/errors.ts';
import type { Done, Job, Slot, WorkerSetup } from './protocol.ts';
import { createRowLoader } from './rowLoader.ts';

/** A thread that writes the rows it is sent, one job after the other. */
const setup = workerData as WorkerSetup;
const loadRow = createRowLoader(setup);
let last = Promise.resolve();

parentPort?.on('message', (job: Job) => {
  last = last.then(() => finish(job));
});

async function finish({ slot, rows }: Job): Promise<void> {
  const done: Done = { slot };
  try {
    for (const row of rows) await loadRow(row, setup.slots[slot] as Slot);
  } catch (error) {
    if (!(error instanceof InputError)) throw error; // a mistake here: it ends the thread, and says where
    done.error = { message: error.message, kind: error.kind };
  }
  parentPort?.postMessage(done);
}
