#!/usr/bin/env node
// The `clapper` command, in a clone where nothing is installed yet as well.
import { setFlagsFromString } from 'node:v8';
import { runnable } from '#node/compile.mjs';
import { optimiseSoon } from '#node/optimiseSoon.mjs';
import { keepHeapSmall } from '#node/smallHeap.mjs';
import { installPackages } from './install.mjs';

if (process.argv[2] === 'serve') {
  keepHeapSmall();
  setFlagsFromString(optimiseSoon);
}
await installPackages();
await import(await runnable(new URL('../cli.ts', import.meta.url)));
