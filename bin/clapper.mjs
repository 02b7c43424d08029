#!/usr/bin/env node
// The `clapper` command, in a clone where nothing is installed yet as well.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { installPackages } from './install.mjs';

await installPackages();

const cli = new URL('../cli.ts', import.meta.url);
if (Reflect.get(process.features, 'typescript')) await import(cli.href);
else runThroughTsx();

/** Node 20 reads no TypeScript. A child, for `--import` has to stand on Node's own command line. */
function runThroughTsx() {
  const args = ['--import', import.meta.resolve('tsx'), fileURLToPath(cli), ...process.argv.slice(2)];
  const child = spawn(process.execPath, [...process.execArgv, ...args], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both processes; the others are sent to this one alone.
  process.on('SIGINT', () => {});
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  child.on('close', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
  });
}
