// Compiles each AssemblyScript into the binary.ts beside it, or below the folder named. Fetches the compiler, whose 100 MB
// nobody else needs.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = [
  'core/media/simd/kernels.as.ts',
  'core/media/codecs/flac/decoder.as.ts',
  'core/media/codecs/mp3/decoder.as.ts',
  'core/media/codecs/vorbis/decoder.as.ts',
  'node/media/jpeg/reduced.as.ts',
];
const compiler = 'assemblyscript@0.28.20';
const target = resolve(process.argv[2] ?? root);
const folder = mkdtempSync(join(tmpdir(), 'clapper-wasm-'));
const wasm = join(folder, 'binary.wasm');
const settings = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert'];
try {
  for (const source of sources) {
    const args = ['--yes', `--package=${compiler}`, 'asc', join(root, source), ...settings, '--outFile', wasm];
    execFileSync('npx', args, { stdio: 'inherit' });
    const lines =
      readFileSync(wasm)
        .toString('base64')
        .match(/.{1,110}/g) ?? [];
    const binary = join(target, dirname(source), 'binary.ts');
    mkdirSync(dirname(binary), { recursive: true });
    writeFileSync(
      binary,
      `// Made from ${source.split('/').at(-1)} by bin/compileWasm.mjs: do not edit.\nexport const binary =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
