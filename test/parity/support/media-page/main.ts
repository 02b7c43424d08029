import type { Question } from './worker.ts';

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });

/** For the test to call: what the worker makes of a sound's bytes or a picture's pixels. */
export type Decode = (question: Question) => Promise<number[] | string>;

const decode: Decode = (question) =>
  new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(typeof data === 'string' ? data : Array.from(data as Float32Array));
    worker.onerror = ({ message }) => resolve(message);
    worker.postMessage(question);
  });
Object.assign(globalThis, { decode });
