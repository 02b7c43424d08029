import { Worker } from 'node:worker_threads';

/**
 * Starts a thread of a TypeScript module, which Node 20 would not read by itself.
 *
 * @param workerData given to it.
 */
export function startWorker(module: URL, workerData: unknown): Worker {
  return new Worker(new URL('./workerEntry.js', import.meta.url), { workerData, argv: [module.href] });
}
