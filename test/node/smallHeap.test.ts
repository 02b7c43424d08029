import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = async (program: string) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  return JSON.parse(stdout);
};

/** Says the nursery's size, in MB: of a process that begins to answer, has answered, has had nothing to do until V8 gave the room back, and answers again. */
const answering = `
import { setTimeout as sleep } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';
import { keepHeapSmall, fitHeapToLoad } from '#node/smallHeap.mjs';
const nursery = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 2 ** 20;
const pending = [];
const answer = async () => {
  for (const end = performance.now() + 2000; performance.now() < end; await sleep(1))
    for (let i = 0; i < 2000; i++) pending[i] = { id: i, name: String(i) };
  return nursery();
};
keepHeapSmall();
fitHeapToLoad(() => 0);
const sizes = [nursery(), await answer()];
for (let i = 0; i < 300 && nursery() > 2; i++) await sleep(100);
sizes.push(nursery(), await answer());
console.log(JSON.stringify(sizes));
`;

/** Says how often a heap with 20 MB in use is looked through while 800 MB come and go: where few bytes are received, with files, and with few again. */
const receiving = `
import { setTimeout as sleep } from 'node:timers/promises';
import { PerformanceObserver, constants } from 'node:perf_hooks';
import { fitHeapToLoad, keepHeapSmall } from '#node/smallHeap.mjs';
let collections = 0;
new PerformanceObserver((list) => {
  for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections++;
}).observe({ entryTypes: ['gc'] });
const inUse = Array.from({ length: 100 }, () => new Array(25_000).fill(0.5));
const held = [];
const receive = async (pieces) => {
  for (let i = 0; i < pieces; i++) {
    held[i % 50] = new Array(20_000).fill(i);
    if (i % 10 === 0) await new Promise(setImmediate);
  }
};
let heldBytes = 0;
keepHeapSmall();
fitHeapToLoad(() => heldBytes);
const counts = [];
for (heldBytes of [1000, 8e6, 1000]) {
  await sleep(300);
  await receive(1000); // what was decided before holds until the next collection
  collections = 0;
  await receive(5000);
  await sleep(50);
  counts.push(collections);
}
console.log(JSON.stringify([...counts, inUse.length]));
`;

test('while files are received, the heap may grow further before it is looked through', async () => {
  const [few, files, fewAgain] = await run(receiving);
  expect(files).toBeLessThan(few / 2);
  expect(files).toBeLessThan(fewAgain / 2);
}, 60_000);

test('the room for what requests leave grows with the first ones, and again after V8 has taken it back while nothing was asked', async () => {
  const [start, busy, idle, busyAgain] = await run(answering);
  for (const size of [start, idle]) expect(size).toBeLessThanOrEqual(2);
  for (const size of [busy, busyAgain]) {
    expect(size).toBeGreaterThanOrEqual(8);
    expect(size).toBeLessThanOrEqual(16);
  }
}, 60_000);
