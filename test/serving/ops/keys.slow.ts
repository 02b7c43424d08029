import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readApiKeys } from '../../../serving/ops/keys.ts';

test('how long a wrong key takes says nothing of how near it is', { timeout: 300_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'clapper-keys-'));
  const key = randomBytes(32).toString('hex');
  const others = Array.from({ length: 19 }, () => randomBytes(32).toString('hex'));
  const line = (text: string, i: number) => `team-${i}:${createHash('sha256').update(text).digest('hex')}`;
  const file = join(folder, 'keys');
  await writeFile(file, [key, ...others].map(line).join('\n'));
  const keys = await readApiKeys(file);
  await rm(folder, { recursive: true });

  const flipped = key.endsWith('0') ? '1' : '0';
  const guesses = [`${flipped}${key.slice(1)}`, `${key.slice(0, -1)}${flipped}`, randomBytes(32).toString('hex')];
  const blocks: number[][] = guesses.map(() => []);
  for (let block = 0; block < 300; block++) {
    for (const [i, guess] of guesses.entries()) {
      const startMs = performance.now();
      for (let ask = 0; ask < 50; ask++) if (keys.nameOf(guess) !== null) throw new Error('A wrong key is known.');
      blocks[i]?.push(performance.now() - startMs);
    }
  }
  // In turns, and their lower quartiles: whatever else the machine does then hits all alike.
  const times = blocks.map((times) => times.toSorted((a, b) => a - b)[75] as number);
  console.log(`50 guesses: ${times.map((ms) => `${ms.toFixed(3)} ms`).join(', ')}`);
  expect(Math.max(...times) / Math.min(...times)).toBeLessThan(1.15);
});
