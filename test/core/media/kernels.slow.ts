import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('the WebAssembly is what the compiler makes of its source', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clapper-kernels-test-'));
  try {
    const compiled = join(folder, 'binary.ts');
    execFileSync(process.execPath, ['bin/compileKernels.mjs', compiled]);
    expect(readFileSync('core/media/simd/binary.ts', 'utf8')).toBe(readFileSync(compiled, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
