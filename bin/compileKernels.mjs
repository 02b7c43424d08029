// Compiles core/media/simd/kernels.as.ts into binary.ts beside it, or into the file named. Fetches the compiler, whose 100 MB nobody
// else needs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const simd = new URL('../core/media/simd/', import.meta.url);
const compiler = 'assemblyscript@0.28.20';
const folder = mkdtempSync(join(tmpdir(), 'clapper-kernels-'));
const wasm = join(folder, 'kernels.wasm');
const settings = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert', '--initialMemory', '1'];
try {
  const source = fileURLToPath(new URL('kernels.as.ts', simd));
  const args = ['--yes', `--package=${compiler}`, 'asc', source, ...settings, '--outFile', wasm];
  execFileSync('npx', args, { stdio: 'inherit' });
  const lines =
    readFileSync(wasm)
      .toString('base64')
      .match(/.{1,110}/g) ?? [];
  writeFileSync(
    process.argv[2] ?? new URL('binary.ts', simd),
    `// Made from kernels.as.ts by bin/compileKernels.mjs: do not edit.\nexport const binary =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
