import { expect, test } from 'vitest';
import { stringifyLong } from '../../../serving/http/longJson.ts';

test('a reply of a million numbers is written in steps that do not hold the thread', async () => {
  const embedding = Array.from(new Float32Array(512).map((_, i) => Math.fround(Math.sin(i))));
  const reply = {
    model: 'a "name"',
    windows: Array.from({ length: 2400 }, (_, i) => ({ startSeconds: i / 20, embedding })),
    notes: [],
    nothing: undefined,
  };
  let longestMs = 0;
  let before = process.cpuUsage();
  let isDone = false;
  const lap = () => {
    const { user, system } = process.cpuUsage(before);
    longestMs = Math.max(longestMs, (user + system) / 1000);
    before = process.cpuUsage();
    if (!isDone) setImmediate(lap);
  };
  setImmediate(lap);
  const text = await stringifyLong(reply);
  isDone = true;
  expect(longestMs).toBeLessThan(50);
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(reply)));
});
