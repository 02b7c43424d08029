import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { readManifest } from '#node/bundle/readManifest.ts';
import { drawScores } from '../../export/samples/drawScores.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-scores-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a bundle’s examples are drawn with the scores that it gives them, and with whom to credit', async () => {
  const file = join(folder, 'scores.svg');
  const { subjects, scores } = await drawScores('models/digits', file);
  expect(new Set(subjects).size).toBe(subjects.length);
  for (const [i, row] of scores.entries()) {
    expect(row).toHaveLength(subjects.length);
    const others = row.filter((_, j) => j !== i);
    expect(row[i], `a written ${subjects[i]} with a spoken one`).toBeGreaterThan(Math.max(...others));
  }
  const svg = readFileSync(file, 'utf8');
  expect(svg.match(/<image /g)).toHaveLength(subjects.length);
  expect(svg.match(/class="own"/g)).toHaveLength(subjects.length);
  for (const score of scores.flat()) expect(svg).toContain(`>${score.toFixed(2)}<`);
  const { examples } = await readManifest('models/digits');
  const [word] = (examples?.sounds[0]?.credit ?? '').split(' ');
  expect(svg).toContain(word);
  expect((await sharp(file).png().toBuffer()).length).toBeGreaterThan(5000);
});
