import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { optimiseSoon } from '#node/optimiseSoon.mjs';

/** Calls a small function until V8 has optimised it (bit 4 of its status: `V8_OPTIMIZED` in V8's runtime.h). */
const countCalls = `
  const sum = (numbers) => { let total = 0; for (const number of numbers) total += number; return total; };
  const numbers = [1, 2, 3, 4];
  let calls = 0;
  while ((%GetOptimizationStatus(sum) & 16) === 0 && calls < 1e6) { sum(numbers); calls++; }
  console.log(calls);
`;

/** Without helper threads, whose time would count as calls. */
const steady = ['--allow-natives-syntax', '--no-concurrent-recompilation', '--no-maglev', '--no-use-osr'];

test('V8 optimises a function after at most a quarter of the calls that it waits for by itself', async () => {
  const calls = async (flags: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, [...steady, ...flags, '-e', countCalls]);
    return Number(stdout);
  };
  const [soon, byItself] = await Promise.all([calls([optimiseSoon]), calls([])]);
  expect(byItself).toBeLessThan(1e6);
  expect(soon).toBeLessThan(byItself / 4);
});
