// A worker thread's first module: Node before 22.18 does not read the TypeScript that the thread is started for.
import { runnable } from './compile.mjs';

await import(await runnable(new URL(/** @type {string} */ (process.argv[2]))));
