import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';

const native = 'native/loader/';

test('3,000 damaged JPEGs through the loader under the address sanitizer: each is decoded or refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clapper-loader-fuzz-'));
  try {
    const files = await Promise.all(
      (['4:2:0', '4:4:4'] as const).map(async (chromaSubsampling, i) => {
        const path = join(folder, `${i}.jpg`);
        await sharp('test/fixtures/pictures/detailed.png').jpeg({ quality: 90, chromaSubsampling }).toFile(path);
        return path;
      }),
    );
    const sources = readdirSync(native).filter((name) => name.endsWith('.cc') && name !== 'addon.cc');
    const program = join(folder, 'fuzz');
    const settings = [
      '-std=c++17',
      '-O1',
      '-g',
      '-fsanitize=address,undefined',
      '-fno-sanitize-recover=all',
      `-I${native}`,
    ];
    execFileSync('g++', [
      ...settings,
      ...['test/training/data/loader/support/fuzz.cc', ...sources.map((name) => native + name), '-o', program],
    ]);
    const { decoded, refused } = JSON.parse(execFileSync(program, ['3000', ...files], { encoding: 'utf8' }));
    expect(decoded).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 600_000);
