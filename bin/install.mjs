#!/usr/bin/env node
// Plain JavaScript without packages: this is what runs when there are none yet.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRunning } from '#node/isRunning.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const nodeModules = join(root, 'node_modules');
const partialPrefix = `node_modules.partial-${hostname()}-`;

/** Installs the packages of `package-lock.json` where they are missing or others. Ends the process where it cannot. */
export async function installPackages() {
  try {
    checkNode();
    if (!isInstalled()) await install();
  } catch (error) {
    console.error(`error: ${/** @type {Error} */ (error).message}`);
    process.exit(1);
  }
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(`Expected Node 20.19 or newer but this is ${process.version}. Install one from https://nodejs.org`);
}

/**
 * Installs beside `node_modules` and renames at the end: a kill at any moment leaves the old folder, the new one or
 * none, never half of one; two at once end with one.
 */
async function install() {
  removeAbandoned();
  const partial = join(root, partialPrefix + process.pid);
  mkdirSync(partial);
  try {
    for (const file of ['package.json', 'package-lock.json']) cpSync(join(root, file), join(partial, file));
    await npmCi(partial);
    if (isInstalled()) return; // another process was faster
    if (existsSync(nodeModules)) renameSync(nodeModules, join(partial, 'old'));
    renameSync(join(partial, 'node_modules'), nodeModules);
  } catch (error) {
    if (!isInstalled()) throw error; // else another process was faster by less than these lines take
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Every package of the lock in its version: npm leaves a list of what it has installed. */
function isInstalled() {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(join(nodeModules, '.package-lock.json'));
  return Object.entries(wanted).every(
    ([path, entry]) =>
      !isForHere(entry) ||
      path === '' ||
      (installed[path]?.version === entry.version && existsSync(join(root, path, 'package.json'))),
  );
}

/**
 * Optional packages are builds for one platform; which C library this one has is left to npm.
 *
 * @param {LockEntry} entry
 */
function isForHere({ optional, os, cpu, libc }) {
  return !optional || (os?.includes(process.platform) && cpu?.includes(process.arch) && !libc);
}

/** @typedef {{ version?: string, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} LockEntry */

/**
 * @param {string} file
 * @returns {Record<string, LockEntry>}
 */
function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

/**
 * No install scripts: tfjs and ONNX Runtime would download builds that are not used here.
 *
 * @param {string} folder
 */
async function npmCi(folder) {
  const count = Object.values(readPackages(join(root, 'package-lock.json'))).filter(isForHere).length - 1;
  const startMs = performance.now();
  const seconds = () => `${Math.round((performance.now() - startMs) / 1000)} s`;
  const line = `Installing ${count} npm packages …`;
  process.stderr.write(process.stderr.isTTY ? line : `${line}\n`);
  const ticking = setInterval(() => process.stderr.isTTY && process.stderr.write(`\r${line} ${seconds()}`), 1000);
  const args = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, output } = await run('npm', args, folder);
  clearInterval(ticking);
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
  if (code !== 0) {
    const lines = output.trim().split('\n').slice(-8).join('\n');
    throw new Error(`npm ci failed:\n${lines}\nCheck the network and \`npm config get registry\`, then run it again.`);
  }
  console.error(`Installed ${count} npm packages in ${seconds()}.`);
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function run(program, args, cwd) {
  return new Promise((resolve) => {
    // On Windows npm is a .cmd file, which takes a shell.
    const child = spawn(program, args, { cwd, shell: process.platform === 'win32', stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: null, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** What killed installations have left. */
function removeAbandoned() {
  for (const name of readdirSync(root)) {
    if (!name.startsWith(partialPrefix)) continue;
    const pid = Number(name.slice(partialPrefix.length));
    if (pid === process.pid || !isRunning(pid)) rmSync(join(root, name), { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await installPackages();
