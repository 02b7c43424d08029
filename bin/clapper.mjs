#!/usr/bin/env node
// The `clapper` command, in a clone where nothing is installed yet as well.
import { runnable } from '#node/compile.mjs';
import { installPackages } from './install.mjs';

await installPackages();
await import(await runnable(new URL('../cli.ts', import.meta.url)));
