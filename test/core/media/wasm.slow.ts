import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('the WebAssembly is what the compiler makes of its sources', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clapper-wasm-test-'));
  try {
    execFileSync(process.execPath, ['bin/compileWasm.mjs', folder]);
    for (const binary of ['core/media/simd/binary.ts', 'core/media/codecs/vorbis/binary.ts']) {
      expect(readFileSync(binary, 'utf8'), binary).toBe(readFileSync(join(folder, binary), 'utf8'));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
