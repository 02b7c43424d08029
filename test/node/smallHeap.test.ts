import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Says the nursery's size, in MB: of a process that begins to answer, has answered, has had nothing to do until V8 gave the room back, and answers again. */
const program = `
import { setTimeout as sleep } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';
import { keepHeapSmall, letNurseryGrow } from '#node/smallHeap.mjs';
const nursery = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 2 ** 20;
const pending = [];
const answer = async () => {
  for (const end = performance.now() + 2000; performance.now() < end; await sleep(1))
    for (let i = 0; i < 2000; i++) pending[i] = { id: i, name: String(i) };
  return nursery();
};
keepHeapSmall();
letNurseryGrow();
const sizes = [nursery(), await answer()];
for (let i = 0; i < 300 && nursery() > 2; i++) await sleep(100);
sizes.push(nursery(), await answer());
console.log(JSON.stringify(sizes));
`;

test('the room for what requests leave grows with the first ones, and again after V8 has taken it back while nothing was asked', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  const [start, busy, idle, busyAgain] = JSON.parse(stdout);
  for (const size of [start, idle]) expect(size).toBeLessThanOrEqual(2);
  for (const size of [busy, busyAgain]) {
    expect(size).toBeGreaterThanOrEqual(8);
    expect(size).toBeLessThanOrEqual(16);
  }
}, 60_000);
