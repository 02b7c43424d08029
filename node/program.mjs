// Runs a TypeScript program in any Node: `node node/program.mjs PROGRAM.ts ARGUMENT…`
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runnable } from './compile.mjs';

process.argv.splice(1, 1); // the program sees its own arguments where it expects them
await import(await runnable(pathToFileURL(resolve(/** @type {string} */ (process.argv[1])))));
