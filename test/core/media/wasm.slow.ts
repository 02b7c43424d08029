import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('the WebAssembly is what the compiler makes of its sources', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clapper-wasm-test-'));
  try {
    execFileSync(process.execPath, ['bin/compileWasm.mjs', folder]);
    for (const place of [
      'core/media/simd',
      'core/media/codecs/flac',
      'core/media/codecs/mp3',
      'core/media/codecs/vorbis',
      'node/media/jpeg',
    ]) {
      const binary = `${place}/binary.ts`;
      expect(readFileSync(binary, 'utf8'), binary).toBe(readFileSync(join(folder, binary), 'utf8'));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
